// The head of the page: the number in the title, and cards nobody has taken up yet.
import { chime } from "./sound.js";

const KNOWN = "known-alerts";
const title = document.title.replace(/^\(\d+\) /, "");

export function heed() {
  const bar = document.getElementById("bar");
  const total = Number(bar?.dataset.total ?? 0);
  document.title = total ? `(${total}) ${title}` : title;
  const now = bar?.dataset.alerts ? bar.dataset.alerts.split(" ") : [];
  for (const mine of document.querySelectorAll("[data-alarm]")) now.push(mine.dataset.alarm);
  const known = localStorage.getItem(KNOWN);
  const fresh = now.filter((id) => known !== null && !known.split(" ").includes(id));
  if (known !== now.join(" ")) localStorage.setItem(KNOWN, now.join(" "));
  if (!fresh.length) return;
  for (const id of fresh) document.getElementById(`alarm-${id}`)?.classList.add("fresh");
  chime();
}

export function marksPlace() {
  for (const link of document.querySelectorAll("[data-nav]")) {
    const here = link.dataset.nav.split(" ").some((path) => location.pathname.startsWith(path));
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}
