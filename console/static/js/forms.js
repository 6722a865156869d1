// Actions without reloading: what was typed stays until the server has it.
import { compare, settle } from "./drafts.js";
import { later, offline, say, toast } from "./words.js";

const sending = new WeakSet();

export function handleForms() {
  document.addEventListener("submit", submit);
  // What one button wanted is nothing to the next: what stays invalid would keep every button from submitting.
  document.addEventListener("click", (event) => {
    const form = event.target.closest?.("button")?.form;
    if (form) for (const field of form.elements) field.setCustomValidity("");
  }, { capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target.closest?.("form[data-reply]");
    if (form) form.requestSubmit();
  });
  addEventListener("beforeunload", (event) => {
    const text = document.getElementById("reply-text");
    if (text && !text.form.hidden && text.value.trim()) event.preventDefault();
  });
}

function submit(event) {
  const form = event.target;
  const button = event.submitter;
  if (form.dataset.ask && !confirm(form.dataset.ask)) {
    event.preventDefault();
    return;
  }
  if (button?.dataset.needs) {
    const fields = button.dataset.needs.split(" ").map((name) => form.elements[name]);
    const [field] = fields; // one of them has to be filled
    field.setCustomValidity(fields.some((one) => one.value.trim()) ? "" : field.labels[0].textContent);
    if (!field.reportValidity()) {
      event.preventDefault();
      return;
    }
  }
  if (!("action" in form.dataset)) return;
  event.preventDefault();
  if (!sending.has(form)) send(form, button);
}

async function send(form, button) {
  sending.add(form);
  const note = form.querySelector(".form-note");
  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  const typed = form.elements.text?.value;
  note.textContent = "";
  try {
    const answer = await fetch(form.getAttribute("action"), {
      method: "POST", body: data, credentials: "same-origin", headers: { "X-Hotline-Fetch": "1" },
    });
    const result = await answer.json();
    if (answer.ok) succeed(form, result, typed);
    else if (answer.status === 401) offline(say("signedOut"), true);
    else {
      note.textContent = result.message;
      if (result.changed) compare(form, result.changed);
    }
  } catch {
    note.textContent = say("notSent");
  } finally {
    sending.delete(form);
    dispatchEvent(new Event("refresh-all"));
  }
}

function succeed(form, result, typed) {
  if ("draft" in form.dataset) {
    settle(form);
  } else if ("reply" in form.dataset) {
    const text = form.elements.text;
    if (text.value === typed && !result.message) text.value = "";
    form.elements.form_key.value = result.form_key;
  } else if (form.elements.note || "clear" in form.dataset) {
    for (const name of ["note", "reference", "happened_at", "amount", "outcome"]) if (form.elements[name]) form.elements[name].value = "";
  }
  for (const details of form.querySelectorAll("details[open]")) details.open = false;
  const to = new URL(result.to, location.href);
  if (to.pathname === location.pathname || form.closest("[data-stay]")) {
    if (result.message) toast(result.message);
    return;
  }
  later(result.message);
  location.assign(to);
}
