/** Takes parts of a page from the server's newest HTML; what did not change is left alone, so that a film plays on. */

const CONTAINERS = "#task, .card, .heading, .columns, .main, .side, #results";
const FOCUSABLE = "a[href], button, input, select, textarea, summary";
const sources = new WeakMap();
/* The HTML of each part as the server sent it: scripts have drawn into the page since. */

export async function fetched(url) {
  const reply = await fetch(url, { headers: { accept: "text/html" } });
  if (!reply.ok) throw new Error(`${url} answered ${reply.status}`);
  return new DOMParser().parseFromString(await reply.text(), "text/html");
}

/** Remembers a piece of the page as it came. */
export function remember(root) {
  for (const container of [root, ...root.querySelectorAll(CONTAINERS)]) {
    for (const part of container.children) sources.set(part, part.outerHTML);
  }
}

/** Makes `older` as `newer` is, part by part; gives the parts that are new. */
export function patched(older, newer) {
  takeAttributes(older, newer);
  const before = keyed(older.children);
  const made = [];
  let last = null;
  for (const [key, part] of keyed(newer.children)) {
    const known = before.get(key);
    before.delete(key);
    const put = known ? changed(known, part, made) : added(part, made);
    if (put.parentNode !== older || put.previousElementSibling !== last) {
      older.insertBefore(put, last ? last.nextSibling : older.firstChild);
    }
    last = put;
  }
  for (const gone of before.values()) gone.remove();
  return made;
}

function takeAttributes(older, newer) {
  for (const name of older.getAttributeNames()) {
    if (!newer.hasAttribute(name)) older.removeAttribute(name);
  }
  for (const { name, value } of newer.attributes) {
    if (older.getAttribute(name) !== value) older.setAttribute(name, value);
  }
}

/** Gives each part under a name of its own; those that have none are counted. */
function keyed(parts) {
  const found = new Map();
  for (const part of parts) {
    const name = part.id || part.dataset.name || `${part.tagName}.${part.classList[0] ?? ""}`;
    let key = name;
    for (let count = 2; found.has(key); count += 1) key = `${name} ${count}`;
    found.set(key, part);
  }
  return found;
}

function changed(known, part, made) {
  if (sources.get(known) === part.outerHTML) return known;
  sources.set(known, part.outerHTML);
  if (part.matches(CONTAINERS)) made.push(...patched(known, part));
  else if (part.matches("progress")) patched(known, part);
  else return exchanged(known, part, made);
  return known;
}

function exchanged(known, part, made) {
  const place = [...known.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  const focused = known === document.activeElement;
  const put = added(part, made);
  if (known.tagName === "DETAILS") put.open = known.open;
  known.replaceWith(put);
  const goal = focused ? put : put.querySelectorAll(FOCUSABLE)[place];
  goal?.focus({ preventScroll: true });
  return put;
}

function added(part, made) {
  const put = document.importNode(part, true);
  sources.set(put, part.outerHTML);
  remember(put);
  made.push(put);
  return put;
}
