// The WeChat chat.
import { byId, el, icon, report, stamp, stick, sync, toast, when, writing } from "./dom.js";
import { post, upload } from "./net.js";
import { Person } from "./people.js";
import { TEXTS } from "./texts.js";

const account = byId("wechat-title").textContent;
const talk = byId("wechat-talk");
const person = new Person("wechat", show);
let shown = null;

const send = (message) => post(person.path("/send"), { ...message, wait: false }).then(() => person.refresh());
const event = (name, key = "") => send({ kind: "event", event: name, event_key: key }).catch(report);

export function start() {
  writing(byId("wechat-form"), byId("wechat-text"), talk, (text) => send({ kind: "text", text }));
  byId("wechat-follow").addEventListener("click", () => event("subscribe"));
  byId("wechat-unfollow").addEventListener("click", () => event("unsubscribe"));
  for (const button of document.querySelectorAll("[data-menu]")) {
    button.addEventListener("click", () => event("CLICK", button.dataset.menu));
  }
  byId("wechat-more").addEventListener("click", () => tray(byId("wechat-tray").hidden));
  for (const input of document.querySelectorAll("[data-kind]")) {
    input.addEventListener("change", () => sendFile(input));
  }
  place();
  stick(talk);
  setInterval(showBudget, 1000); // its minutes run out without anything else changing
  return person.run();
}

function tray(open) {
  byId("wechat-tray").hidden = !open;
  byId("wechat-more").setAttribute("aria-expanded", String(open));
}

async function sendFile(input) {
  const [file] = input.files;
  const kind = input.dataset.kind;
  input.value = "";
  if (!file) return;
  if (file.size === 0) {
    toast(TEXTS.emptyFile);
    return;
  }
  tray(false);
  try {
    const { media_id } = await upload(file);
    await send({ kind, media_id });
  } catch (error) {
    report(error);
  }
}

function place() {
  const dialog = byId("place-dialog");
  byId("wechat-place").addEventListener("click", () => {
    tray(false);
    dialog.showModal();
  });
  byId("place-cancel").addEventListener("click", () => dialog.close());
  byId("place-form").addEventListener("submit", () => {
    const [latitude, longitude] = ["latitude", "longitude"].map((name) => byId(`place-${name}`).valueAsNumber);
    send({ kind: "location", label: byId("place-label").value, latitude, longitude }).catch(report);
  });
}

function show(chat) {
  shown = chat;
  sync(talk, chat ? chat.messages : [], (message) => message.id, row);
  byId("wechat-follow-bar").hidden = !chat || chat.following === true;
  byId("wechat-unfollow").hidden = !chat || chat.following !== true;
  showBudget();
}

function showBudget() {
  const words = shown && (shown.following === false ? TEXTS.budgetGone : budget(shown.budget));
  byId("wechat-budget").textContent = words || "";
}

function budget({ message, event: extra }) {
  const open = (window) => window.until && new Date(window.until) > new Date();
  const words = open(message) ? TEXTS.budget(message.left, when(message.until)) : "";
  return words + (open(extra) ? TEXTS.budgetEvent(extra.left) : "") || TEXTS.budgetNone;
}

function row(message, previous) {
  const mine = message.via === "resident";
  const note = mine ? eventNote(message) : systemNote(message);
  const item = el("li", { className: "row", data: { via: message.via, kind: message.kind } });
  const time = stamp(message, previous);
  if (time) item.append(time);
  if (note !== null) {
    item.append(el("p", { className: "note", textContent: note }));
    if (mine) item.append(caption(message.exchange));
    return item;
  }
  item.classList.add(mine ? "mine" : "theirs");
  item.append(
    el("span", { className: "avatar" }, icon(mine ? "person" : "shield")),
    el("div", { className: "said" }, content(message), mine ? caption(message.exchange) : tag(message.via)),
  );
  return item;
}

function eventNote({ kind, details }) {
  if (kind !== "event") return null;
  const known = {
    subscribe: TEXTS.subscribe(account),
    unsubscribe: TEXTS.unsubscribe,
    CLICK: TEXTS.click(details.event_key),
    SCAN: TEXTS.scan,
  };
  return known[details.event] || TEXTS.otherEvent(details.event);
}

function systemNote({ via, text }) {
  if (via === "outage") return text;
  return via === "refused" ? TEXTS.refused(text) : null;
}

function content({ kind, text, media_id, details }) {
  const address = `/api/media/${media_id}`;
  if (kind === "text" || kind === "xml") return el("p", { className: "bubble", textContent: text });
  if (kind === "location") return placeCard(details);
  if (kind === "link") return el("p", { className: "bubble", textContent: `${details.title || ""}\n${details.url || ""}` });
  if (!media_id) return el("p", { className: "bubble", textContent: TEXTS.media(kind) });
  if (kind === "image") return el("img", { className: "shot", src: address, alt: TEXTS.media(kind) });
  if (kind === "video") return el("video", { className: "shot", src: address, controls: true, preload: "metadata" });
  const player = el("audio", { src: address, controls: true, preload: "none", title: TEXTS.voice });
  return el("div", { className: "bubble sound" }, icon("voice"), player);
}

function placeCard({ label, latitude, longitude }) {
  return el(
    "div",
    { className: "card" },
    el("b", { textContent: label || "" }),
    el("span", { textContent: `${Number(latitude).toFixed(5)}, ${Number(longitude).toFixed(5)}` }),
    el("i", {}, icon("place")),
  );
}

const tag = (via) => el("p", { className: "tag", textContent: TEXTS[via] || "" });

function caption(exchange) {
  const tries = exchange.deliveries;
  const last = tries[tries.length - 1];
  const words = (attempt) => TEXTS.outcome[attempt.outcome];
  let text = TEXTS.running(tries.length);
  if (exchange.finished && last) {
    const fine = tries.length === 1 && ["replied", "silent"].includes(last.outcome);
    text = fine ? TEXTS.done(last.seconds) : TEXTS.several(tries.map(words));
  }
  const reasons = tries.map((attempt) => attempt.reason).filter(Boolean).join("\n");
  return el("p", { className: "caption", textContent: text, title: reasons, data: { running: String(!exchange.finished) } });
}
