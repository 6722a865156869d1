// A soft double tone for a new stop card. Browsers allow sound only after the first click or key.
import { say } from "./words.js";

const OFF = "sound-off";
let audio = null;

export function handleSound() {
  const wake = () => {
    audio ??= new AudioContext();
    audio.resume();
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wake, { passive: true });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-sound]")) return;
    if (localStorage.getItem(OFF)) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
    labelSound();
    chime();
  });
  labelSound();
}

export function labelSound() {
  const button = document.querySelector("[data-sound]");
  if (!button) return;
  button.hidden = false;
  button.textContent = say(localStorage.getItem(OFF) ? "soundOff" : "soundOn");
}

export function chime() {
  if (!audio || localStorage.getItem(OFF)) return;
  const start = audio.currentTime + 0.02;
  for (const [delay, pitch] of [[0, 660], [0.22, 880], [0.7, 660], [0.92, 880]]) tone(start + delay, pitch);
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
