// The head of the page: the number in the title, and what has to be heard: cards nobody has in hand, and cards the
// reader is about to lose.
import { awake, chime, muted, notify, onWake } from "./sound.js";
import { say } from "./words.js";

const RUNG = "rung"; // what some page of this browser has rung for
const title = document.title.replace(/^\(\d+\) /, "");
const ids = (text) => (text ? text.split(" ") : []);

export function heed() {
  const bar = document.getElementById("bar");
  const total = Number(bar?.dataset.total ?? 0);
  document.title = total ? `(${total}) ${title}` : title;
  const called = [...document.querySelectorAll("[data-alarm]")].map((mine) => mine.dataset.alarm);
  const now = [...ids(bar?.dataset.alerts), ...ids(bar?.dataset.going).map((id) => `going-${id}`), ...called];
  const rung = ids(localStorage.getItem(RUNG));
  const fresh = now.filter((id) => !rung.includes(id));
  // A page that cannot be heard leaves it to one that can, or to its own first click.
  if (fresh.length && (awake() || muted())) chime();
  else if (fresh.length) return remember(now, rung.filter((id) => now.includes(id)), fresh);
  return remember(now, now, fresh);
}
onWake(heed);

let told = null;
function remember(now, heard, fresh) {
  if (localStorage.getItem(RUNG) !== heard.join(" ")) localStorage.setItem(RUNG, heard.join(" "));
  for (const id of fresh) document.getElementById(`alarm-${id}`)?.classList.add("fresh");
  // What was there when the page was opened is on the page; a notice is for what comes.
  for (const id of told === null ? [] : now.filter((id) => !told.has(id))) tell(id);
  told = new Set(now);
}

function tell(id) {
  const going = id.startsWith("going-");
  const title = say(going ? "noticeGoing" : "noticeNew");
  const link = document.querySelector(`[id="alarm-${id}"] a`); // an alert of one's own has another id than its card
  const to = link?.getAttribute("href") ?? `/cards/${id.replace("going-", "")}`;
  notify(played(id) ? say("noticeDrill", { title }) : title, say("noticeText"), id, to);
}

// Whether what rings is a drill.
function played(id) {
  if (document.getElementById(`alarm-${id}`)?.hasAttribute("data-drill")) return true;
  return ids(document.getElementById("bar")?.dataset.drills).includes(id.replace("going-", ""));
}

export function marksPlace() {
  for (const link of document.querySelectorAll("[data-nav]")) {
    const here = link.dataset.nav.split(" ").some((path) => location.pathname.startsWith(path));
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
