// Makes one tree look like another without replacing what is the same: focus, scroll, players and typing stay.
// An element with data-keep belongs to the person once it is there: it is never changed.
const OURS = new Set(["open"]); // attributes the person changes

export function morph(from, to) {
  const keyed = new Map();
  for (const child of from.children) if (child.id) keyed.set(child.id, child);
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    let have = null;
    if (wanted.id) have = keyed.get(wanted.id) ?? null;
    else if (at && !at.id && alike(at, wanted)) have = at;
    if (!have || !alike(have, wanted)) {
      from.insertBefore(wanted.cloneNode(true), at);
      continue;
    }
    if (have !== at) from.insertBefore(have, at);
    else at = at.nextSibling;
    if (have.nodeType !== Node.ELEMENT_NODE) {
      if (have.nodeValue !== wanted.nodeValue) have.nodeValue = wanted.nodeValue;
    } else if (!("keep" in have.dataset)) {
      attributes(have, wanted);
      morph(have, wanted);
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "");
}

function attributes(have, wanted) {
  for (const { name, value } of wanted.attributes) {
    if (!OURS.has(name) && have.getAttribute(name) !== value) have.setAttribute(name, value);
  }
  for (const { name } of [...have.attributes]) {
    if (!OURS.has(name) && !wanted.hasAttribute(name)) have.removeAttribute(name);
  }
}
