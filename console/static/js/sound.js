// A soft double tone for a card nobody has yet, and the browser's own notice of it.
// Browsers give sound only after a click or key, and notices only when asked for by one: the button says what is true.
import { say } from "./words.js";

const OFF = "sound-off";
const woken = [];
let audio = null;

// Whether a tone would be heard now.
export const awake = () => audio?.state === "running";
export const muted = () => Boolean(localStorage.getItem(OFF));
export const onWake = (listener) => woken.push(listener);

export function handleSound() {
  const any = (event) => { if (!event.target.closest?.("[data-sound]")) wake(); };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, any, { passive: true });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-sound]")) press();
  });
  wake(); // allowed at once where the last page of ours was clicked
  labelSound();
}

async function press() {
  if (awake() && !muted()) {
    localStorage.setItem(OFF, "1");
    return labelSound();
  }
  localStorage.removeItem(OFF);
  if ("Notification" in self && Notification.permission === "default") Notification.requestPermission().catch(() => {});
  await wake();
  labelSound();
  chime();
}

async function wake() {
  if (awake()) return;
  audio ??= new AudioContext();
  audio.onstatechange ??= () => {
    labelSound();
    if (awake()) for (const listener of woken) listener();
  };
  await audio.resume().catch(() => {});
}

export function labelSound() {
  const button = document.querySelector("[data-sound]");
  if (!button) return;
  button.hidden = false;
  const state = muted() ? "off" : awake() ? "on" : "asleep";
  button.dataset.sound = state;
  button.textContent = say({ off: "soundOff", on: "soundOn", asleep: "soundAsleep" }[state]);
}

// Whether it was heard.
export function chime() {
  if (!awake() || muted()) return false;
  const start = audio.currentTime + 0.02;
  for (const [delay, pitch] of [[0, 660], [0.22, 880], [0.7, 660], [0.92, 880]]) tone(start + delay, pitch);
  return true;
}

function tone(at, pitch) {
  const source = audio.createOscillator();
  const volume = audio.createGain();
  source.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.12, at + 0.03);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
  source.connect(volume).connect(audio.destination);
  source.start(at);
  source.stop(at + 0.45);
}

// `tag`: several pages of one browser show one notice.
export function notify(title, text, tag, to) {
  if (!("Notification" in self) || Notification.permission !== "granted") return;
  try {
    const notice = new Notification(title, { body: text, tag, lang: "zh-CN" });
    notice.onclick = () => {
      focus();
      location.assign(to);
      notice.close();
    };
  } catch {
    navigator.vibrate?.([200, 100, 200]); // phones show notices only for installed pages
  }
}
