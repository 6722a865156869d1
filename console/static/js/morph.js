// Makes one tree look like another without replacing what is the same: focus, scroll, players and typing stay.
// An element with data-keep belongs to the person once it is there: it is never changed.
const OURS = new Set(["open"]); // attributes the person changes

export function morph(from, to) {
  const keyed = new Map();
  for (const child of from.children) if (child.id) keyed.set(child.id, child);
  const kept = new Set([...to.children].map((child) => child.id).filter(Boolean));
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    let have = null;
    if (wanted.id) have = keyed.get(wanted.id) ?? null;
    else have = next(at, wanted);
    if (!have || !alike(have, wanted)) {
      from.insertBefore(wanted.cloneNode(true), at);
      continue;
    }
    // What stays is not moved if it can be helped: moving takes scroll position and focus away.
    while (at && at !== have && !(at.id && kept.has(at.id))) at = drop(at);
    if (at === have) at = at.nextSibling;
    else from.insertBefore(have, at);
    if (have.nodeType !== Node.ELEMENT_NODE) {
      if (have.nodeValue !== wanted.nodeValue) have.nodeValue = wanted.nodeValue;
    } else if (!("keep" in have.dataset)) {
      attributes(have, wanted);
      morph(have, wanted);
    }
  }
  while (at) at = drop(at);
}

function drop(node) {
  const after = node.nextSibling;
  node.remove();
  return after;
}

// The counterpart of something without an id stands here, perhaps behind some space.
function next(at, wanted) {
  let have = at;
  while (have && have.nodeType === Node.TEXT_NODE && wanted.nodeType !== Node.TEXT_NODE) have = have.nextSibling;
  return have && !have.id && alike(have, wanted) ? have : null;
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
