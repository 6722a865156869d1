// Countdowns, by the server's clock.
import { say } from "./words.js";

const SOON = 600; // seconds
let ahead = Date.parse(document.documentElement.dataset.now) - Date.now();

export function correct(date) {
  const now = Date.parse(date);
  // The header knows whole seconds only.
  if (now && Math.abs(now - (Date.now() + ahead)) > 2000) ahead = now - Date.now();
}

export function tick() {
  for (const clock of document.querySelectorAll("time[data-deadline]")) {
    const left = Math.round((Date.parse(clock.dataset.deadline) - Date.now() - ahead) / 1000);
    if (left < -86400) continue; // the server's words, in days
    clock.textContent = say(left > SOON ? "left" : left > 0 ? "soon" : "over", { time: length(Math.abs(left)) });
    if (clock.classList.contains("clock")) {
      clock.classList.toggle("calm", left > SOON);
      clock.classList.toggle("soon", left > 0 && left <= SOON);
      clock.classList.toggle("over", left <= 0);
    }
  }
  for (const clock of document.querySelectorAll("time[data-until]")) {
    clock.textContent = length(Math.max(0, Math.round((Date.parse(clock.dataset.until) - Date.now() - ahead) / 1000)));
  }
}

function length(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return say("hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  return say("minutes", { minutes, seconds: String(seconds % 60).padStart(2, "0") });
}
