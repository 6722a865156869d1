// Copy buttons, also where the page is not served by HTTPS.
import { say, toast } from "./words.js";

export function handleCopy() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    if (navigator.clipboard) await navigator.clipboard.writeText(button.dataset.copy).catch(() => old(button.dataset.copy));
    else old(button.dataset.copy);
    toast(say("copied"));
  });
}

function old(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
