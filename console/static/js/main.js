// The console's pages work without this; it keeps them fresh and saves round trips.
import { heed, marksPlace } from "./status.js";
import { listen } from "./live.js";
import { handleForms } from "./forms.js";
import { handleCopy } from "./copy.js";
import { handleSound } from "./sound.js";
import { handleDrafts } from "./drafts.js";
import { handleKeys } from "./keys.js";
import { handlePresence } from "./here.js";
import { fromBefore } from "./words.js";
import { tick } from "./clock.js";
import { settle, handleThread } from "./thread.js";

const parts = document.querySelectorAll("[data-refresh]");
for (const details of document.querySelectorAll("[data-open-wide]")) {
  details.open = matchMedia("(min-width: 861px)").matches;
}
handleForms();
handleCopy();
handleSound();
handleThread();
handleDrafts();
handleKeys();
handlePresence();
fromBefore();
marksPlace();
heed();
settle();
tick();
setInterval(tick, 1000);
if (parts.length) listen([...parts]);
