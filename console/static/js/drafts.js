// A form with data-draft belongs to whoever has begun to type in it: what arrives does not touch it. Who saves over
// somebody else's change is shown that change first; fields they have not touched follow it.
import { say } from "./words.js";

export function handleDrafts() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (form) begin(form);
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-undo]")?.form;
    if (form) settle(form);
  });
}

function begin(form) {
  form.dataset.keep = "";
  form.querySelector("[data-undo]").hidden = false;
}

// Saved, or given up: the form is as the server has it again.
export function settle(form) {
  form.reset();
  delete form.dataset.keep;
  form.querySelector("[data-undo]").hidden = true;
  form.querySelector(".form-note").textContent = "";
  for (const note of form.querySelectorAll(".now")) note.hidden = true;
  dispatchEvent(new Event("refresh-all"));
}

// `found`: {version, fields: {name: value as it is now}}. Returns nothing; the form then stands on the new version.
export function compare(form, found) {
  form.elements.version.value = found.version;
  for (const [name, { value, shown }] of Object.entries(found.fields)) {
    const field = form.elements[name];
    const was = form.elements[`was.${name}`];
    if (!field || was.value === value) continue;
    const touched = field.value !== was.value && field.value !== value;
    was.value = value;
    if (!touched) field.value = value;
    const note = field.parentElement.querySelector(".now");
    note.textContent = say(touched ? "changedToo" : "changedByOther", { value: shown });
    note.hidden = false;
  }
}
