// One stream of changes for all tabs of this browser where it can be shared, else one for each.
// Whatever happens to it, every part is fetched anew every ten seconds.
import { refresh } from "./refresh.js";

const EVERY = 10_000;

export function listen(parts) {
  const hear = (changes) => {
    for (const part of parts) {
      if ((part.id === "top" || !document.hidden) && changes.some((change) => concerns(part, change))) refresh(part);
    }
  };
  const all = () => hear([{ kind: "look" }]);
  all(); // what happened since the server drew this page
  setInterval(all, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) all(); });
  addEventListener("refresh-all", all);
  if (!document.body.dataset.events) return; // not for this person's roles: their pages look by themselves
  if (navigator.locks && "BroadcastChannel" in self) share(hear);
  else stream(hear);
}

function concerns(part, change) {
  const watched = part.dataset.watch.split(" ");
  const { kind, id, news } = change;
  return kind === "look" || [kind, `${kind}:${id}`, `${kind}/${news}`].some((what) => watched.includes(what));
}

// Browsers allow six connections to one address: with a stream in every tab the seventh would hang.
function share(hear) {
  const channel = new BroadcastChannel("hotline-console");
  channel.onmessage = (event) => hear(event.data);
  navigator.locks.request("hotline-console-stream", () => new Promise(() => {
    stream((changes) => {
      channel.postMessage(changes);
      hear(changes);
    });
  }));
}

function stream(hear) {
  let source = null;
  const open = () => {
    source = new EventSource(document.body.dataset.events);
    source.onopen = () => hear([{ kind: "look", id: "", news: "" }]); // what happened while nobody listened
    source.onmessage = (event) => hear(JSON.parse(event.data));
    source.onerror = () => {
      // Refused (too many pages, signed out): the browser does not try again by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 30_000);
    };
  };
  open();
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
}
