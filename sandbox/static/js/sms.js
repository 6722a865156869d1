// The SMS phone.
import { byId, el, stamp, stick, sync, writing } from "./dom.js";
import { post } from "./net.js";
import { Person } from "./people.js";
import { TEXTS } from "./texts.js";

const ALONE = 70;
const JOINED = 67;
const talk = byId("sms-talk");
const field = byId("sms-text");
const person = new Person("sms", show);

export function start() {
  const send = (text) => post(person.path("/send"), { text, split: byId("sms-split").checked });
  writing(byId("sms-form"), field, talk, send);
  stick(talk);
  field.addEventListener("input", count);
  return person.run();
}

function count() {
  const units = field.value.length; // a JavaScript string counts UTF-16 units, as an operator does
  byId("sms-count").textContent = TEXTS.smsCount(units, units > ALONE ? Math.ceil(units / JOINED) : 1);
}

function show(phone) {
  // an operator's ids may repeat: the place in the list tells two texts apart
  const keyed = (message, index) => ({ ...message, key: `${message.direction}${message.at}${index}` });
  const messages = phone ? phone.messages.map(keyed) : [];
  sync(talk, messages, (message) => message.key, row);
}

function row(message, previous) {
  const item = el("li", { className: "row", data: { direction: message.direction, status: message.status } });
  const time = stamp(message, previous);
  if (time) item.append(time);
  item.append(el("p", { className: "bubble", textContent: message.text }));
  item.append(el("p", { className: "meta", textContent: meta(message) }));
  return item;
}

function meta(message) {
  const waits = message.direction === "mt" && !message.receipt; // told not to report: nothing to say
  const words = [
    length(message),
    waits ? "" : TEXTS.sms[message.status],
    message.requests > 1 ? TEXTS.repeated(message.requests) : "",
    message.receipt === "refused" ? TEXTS.receiptRefused : "",
  ];
  return words.filter(Boolean).join(" · ");
}

function length({ part, parts, direction }) {
  if (part) return TEXTS.part(part);
  return direction === "mt" || parts > 1 ? TEXTS.parts(parts) : "";
}
