// The messages: stay at the newest when there, else say that there is something newer.
import { token } from "./token.js";

const NEAR = 80; // pixels
let newest = "";
let atEnd = true; // where the reader has put themselves; pictures that load later do not change it

const thread = () => document.getElementById("thread");
const last = () => thread()?.querySelector(":scope > :last-child")?.id ?? "";

function toEnd() {
  const box = thread();
  box.scrollTop = box.scrollHeight;
  document.getElementById("jump").hidden = true;
}

// After the page has changed.
export function settle() {
  if (!thread()) return;
  const came = last() !== newest;
  newest = last();
  if (atEnd) toEnd();
  else if (came) document.getElementById("jump").hidden = false;
  seen();
}

export function handleThread() {
  const box = thread();
  if (!box) return;
  document.addEventListener("click", (event) => { if (event.target.id === "jump") toEnd(); });
  box.addEventListener("scroll", () => {
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    if (atEnd) document.getElementById("jump").hidden = true;
  });
  const grown = () => { if (atEnd) toEnd(); };
  for (const kind of ["load", "loadedmetadata"]) box.addEventListener(kind, grown, true);
  new ResizeObserver(grown).observe(box);
  document.addEventListener("visibilitychange", seen);
}

// What is on the holder's screen is read.
function seen() {
  const talk = document.getElementById("talk");
  if (document.hidden || !talk || talk.dataset.unread === "0") return;
  talk.dataset.unread = "0";
  fetch(talk.dataset.seen, {
    method: "POST", credentials: "same-origin", headers: { "X-Hotline-Fetch": "1", "X-CSRFToken": token() },
  }).catch(() => {}); // the next refresh asks again
}
