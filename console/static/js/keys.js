// One key for what is needed in a hurry: data-key names it, a <kbd> shows it. Off while somebody types.
// By the key's place, not its letter: a Chinese input method would hide the letter.
const TYPING = "input, textarea, select, [contenteditable]";

export function handleKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.(TYPING)) return;
    // What the page offers goes before what its head offers.
    const wanted = [...document.querySelectorAll(`[data-key="${event.code}"]`)].filter((one) => one.checkVisibility()).at(-1);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.matches(TYPING)) wanted.focus();
    else wanted.click();
  });
}
