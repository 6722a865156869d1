// Building and updating the page.
import { TEXTS } from "./texts.js";

export const byId = (id) => document.getElementById(id);

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  const { data = {}, ...rest } = props;
  Object.assign(node, rest);
  Object.assign(node.dataset, data);
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

// Keep the newest in sight, also when a picture has loaded or the keyboard rises, unless the reader scrolled up.
export function stick(list) {
  const down = () => {
    if (list.atEnd) list.scrollTop = list.scrollHeight;
  };
  list.atEnd = true;
  list.addEventListener("scroll", () => {
    list.atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  });
  list.addEventListener("load", down, true);
  list.addEventListener("loadedmetadata", down, true);
  new ResizeObserver(down).observe(list);
}

// Bring a list up to date and leave unchanged items alone, so that a playing voice goes on playing.
export function sync(list, items, keyOf, render) {
  const known = new Map([...list.children].map((node) => [node.dataset.key, node]));
  let previous = null;
  for (const item of items) {
    const key = String(keyOf(item));
    const version = JSON.stringify(item);
    let node = known.get(key);
    if (!node || node.version !== version) {
      const fresh = render(item, previous);
      fresh.dataset.key = key;
      fresh.version = version;
      if (node) node.replaceWith(fresh);
      else list.append(fresh);
      node = fresh;
    }
    known.delete(key);
    previous = item;
  }
  known.forEach((node) => node.remove());
  if (list.atEnd) list.scrollTop = list.scrollHeight;
}

// The clock on the residents' wall, which is also that of the console and of the hotline's answers.
const CHINA = { timeZone: "Asia/Shanghai" };
const clock = new Intl.DateTimeFormat("zh-CN", { ...CHINA, hour: "2-digit", minute: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat("zh-CN", { ...CHINA, month: "numeric", day: "numeric" });

export function when(moment) {
  const then = new Date(moment);
  const today = day.format(then) === day.format(new Date());
  return today ? clock.format(then) : `${day.format(then)} ${clock.format(then)}`;
}

// The time above a bubble: at the start and after five minutes of silence.
export function stamp(item, previous) {
  if (previous && new Date(item.at) - new Date(previous.at) < 300_000) return null;
  return el("time", { dateTime: item.at, textContent: when(item.at) });
}

let timer;
export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (box.hidden = true), 4000);
}

export function report(error) {
  toast(error.status === 413 ? TEXTS.tooLarge : TEXTS.failed);
}

// Enter sends, Shift+Enter and the Enter that ends an input method's word do not; the field grows with its text.
export function writing(form, field, list, send) {
  const grow = () => {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 120)}px`;
  };
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value;
    if (!text.trim()) return;
    field.value = "";
    field.dispatchEvent(new Event("input"));
    list.atEnd = true;
    send(text).catch((error) => {
      field.value = text;
      report(error);
    });
  });
}
