// The panel that makes the outside world misbehave.
import { byId, report } from "./dom.js";
import { get, post, remove } from "./net.js";
import { TEXTS } from "./texts.js";

const form = byId("panel-form");

export function start() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(() => post("/api/misbehave", plan()), TEXTS.applied);
  });
  byId("panel-clear").addEventListener("click", () => {
    form.reset();
    act(() => remove("/api/misbehave"), TEXTS.cleared);
  });
  byId("panel-reset").addEventListener("click", () => {
    if (!window.confirm(TEXTS.confirmReset)) return;
    form.reset();
    act(() => remove("/api/state"), TEXTS.cleared);
  });
}

export async function refresh() {
  const count = Object.keys(await get("/api/misbehave")).length;
  const badge = byId("panel-badge");
  badge.hidden = count === 0;
  badge.textContent = TEXTS.active(count);
}

function act(request, words) {
  request()
    .then(refresh)
    .then(() => (byId("panel-done").textContent = words))
    .catch(report);
}

// Every section is sent, so that what the form shows is what is in force.
function plan() {
  const times = byId("panel-times").valueAsNumber;
  const found = {};
  for (const section of form.querySelectorAll("[data-section]")) {
    const fault = {};
    let changed = false;
    for (const input of section.elements) {
      const usual = input.tagName === "SELECT" ? input.options[0].value : input.defaultValue;
      const value = input.type === "checkbox" ? input.checked : input.value || usual;
      changed ||= input.type === "checkbox" ? value : value !== usual;
      fault[input.name] = typeof value === "boolean" || input.name === "receipt" ? value : Number(value);
    }
    if (changed && times >= 1) fault.times = times;
    found[section.dataset.section] = fault;
  }
  return found;
}
