// A sign of life from somebody who has cards in hand: sent when they touch mouse, keys or screen, and only then.
import { token } from "./token.js";

const EVERY = 15_000; // milliseconds
let last = 0;

export function handlePresence() {
  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) {
    document.addEventListener(kind, alive, { passive: true, capture: true });
  }
  if (!document.hidden) alive(); // somebody has just come to this page
}

function alive() {
  const bar = document.getElementById("bar");
  if (!bar?.dataset.here || Date.now() - last < EVERY) return;
  last = Date.now();
  const warned = Boolean(bar.dataset.going);
  fetch(bar.dataset.here, {
    method: "POST", credentials: "same-origin", headers: { "X-Hotline-Fetch": "1", "X-CSRFToken": token() },
  }).then(() => { if (warned) dispatchEvent(new Event("refresh-all")); }).catch(() => { last = 0; });
}
