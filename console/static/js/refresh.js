// Fetches a part of the page again and morphs it in. Asked several times at once, it fetches once more at the end.
import { correct, tick } from "./clock.js";
import { morph } from "./morph.js";
import { heed, marksPlace } from "./status.js";
import { settle } from "./thread.js";
import { offline, say } from "./words.js";
import { renew } from "./token.js";
import { labelSound } from "./sound.js";

const PAUSE = 300; // milliseconds between two fetches of one part
const busy = new WeakMap();

export function refresh(part) {
  const state = busy.get(part);
  if (state) {
    state.again = true;
    return;
  }
  const mine = { again: false };
  busy.set(part, mine);
  load(part).finally(() => setTimeout(() => {
    busy.delete(part);
    if (mine.again) refresh(part);
  }, PAUSE));
}

async function load(part) {
  let answer;
  try {
    answer = await fetch(part.dataset.refresh, { credentials: "same-origin", headers: { "X-Hotline-Fetch": "1" } });
  } catch {
    offline(say("offline"));
    return;
  }
  if (answer.status === 401) {
    offline(say("signedOut"), true);
    return;
  }
  if (!answer.ok) {
    offline(say("offline"));
    return;
  }
  offline("");
  correct(answer.headers.get("date"));
  const fresh = part.cloneNode(false);
  fresh.innerHTML = await answer.text();
  morph(part, fresh);
  renew(fresh);
  settle();
  heed();
  labelSound();
  marksPlace();
  tick();
}
