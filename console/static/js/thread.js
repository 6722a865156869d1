// The messages: stay at the newest when there, else say that there is something newer.
import { token } from "./token.js";

const NEAR = 80; // pixels
let newest = "";

const thread = () => document.getElementById("thread");
const last = () => thread()?.querySelector(":scope > :last-child")?.id ?? "";

export function beforeChange() {
  const box = thread();
  return box ? box.scrollHeight - box.scrollTop - box.clientHeight < NEAR : true;
}

export function settle(wasAtEnd = true) {
  const box = thread();
  if (!box) return;
  const came = last() !== newest;
  newest = last();
  const jump = document.getElementById("jump");
  if (wasAtEnd) box.scrollTop = box.scrollHeight;
  else if (came) jump.hidden = false;
  if (wasAtEnd) jump.hidden = true;
  seen();
}

export function handleThread() {
  const box = thread();
  if (!box) return;
  document.addEventListener("click", (event) => {
    if (event.target.id !== "jump") return;
    box.scrollTop = box.scrollHeight;
    event.target.hidden = true;
  });
  box.addEventListener("scroll", () => { if (beforeChange()) document.getElementById("jump").hidden = true; });
  box.addEventListener("load", () => { if (beforeChange()) box.scrollTop = box.scrollHeight; }, true);
  document.addEventListener("visibilitychange", seen);
}

// What is on the holder's screen is read.
function seen() {
  const talk = document.querySelector(".talk");
  if (document.hidden || !talk || talk.dataset.unread === "0") return;
  talk.dataset.unread = "0";
  fetch(talk.dataset.seen, {
    method: "POST", credentials: "same-origin", headers: { "X-Hotline-Fetch": "1", "X-CSRFToken": token() },
  }).catch(() => {});
}
