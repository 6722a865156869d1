// The words come from the server's catalogue.
const texts = JSON.parse(document.body.dataset.words);

export function say(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

let hiding = 0;
export function toast(text) {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, 4000);
}

// A message for the page that comes next.
const LATER = "toast";
export function later(text) {
  if (text) sessionStorage.setItem(LATER, text);
}
export function fromBefore() {
  const text = sessionStorage.getItem(LATER);
  sessionStorage.removeItem(LATER);
  if (text) toast(text);
}

// One strip for everything about the connection; `signIn` adds the way back in.
export function offline(text, signIn = false) {
  const strip = document.getElementById("offline");
  strip.hidden = !text;
  strip.firstElementChild.textContent = text;
  strip.querySelector("a").hidden = !signIn;
}
