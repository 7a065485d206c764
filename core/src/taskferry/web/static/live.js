import { fetched, patched, remember } from "./parts.js";
import { connect } from "./events.js";

/** Brings tasks on the page up to date as the ledger changes, and new ones to the grid's first page. */

const CARDS = "#grid > .card";
let enliven;

export function startLive(start) {
  enliven = start;
  const task = document.getElementById("task");
  const grid = document.getElementById("grid");
  if (!task && !grid) return;
  remember(document.body);
  const renew = () => later("page", task ? () => renewTask(task) : () => renewGrid(grid));
  const heard = task ? renew : (told) => onCard(told, grid, renew);
  const address = task ? `/events?task=${encodeURIComponent(task.dataset.task)}` : "/events";
  connect(address, { task: heard, many: renew, missed: renew });
}

function onCard(told, grid, renew) {
  const card = document.getElementById(`task-${told.id}`);
  if (!card) return mayArrive(told, grid, renew);
  const same = card.dataset.status === told.status && !told.terminal;
  return same ? move(card, told) : later(card.id, () => renewTask(card));
}

/** A task that is not shown belongs here if it is new, or if it may fit the filters by now. */
function mayArrive(told, grid, renew) {
  const fresh = document.getElementById("fresh");
  if (isFirst(grid) && (told.new || location.search)) renew();
  else if (told.new && fresh) fresh.hidden = false;
}

const isFirst = (grid) => grid.dataset.pageFirst === "true";

/** Between two statuses only the progress of a card moves; the server need not be asked for that. */
function move(card, { progress }) {
  const bar = card.querySelector("progress");
  if (bar && progress !== null) bar.value = progress;
}

/** Fetches a task's card or its whole page once more. */
async function renewTask(older) {
  const part = older.matches(".card") ? "card" : "part";
  const page = await fetched(`/tasks/${encodeURIComponent(older.dataset.task)}/${part}`);
  const newer = page.querySelector("[data-task]");
  const before = older.dataset.status;
  patched(older, newer).forEach(enliven);
  if (before !== newer.dataset.status) announce(newer);
}

/** Fetches the grid once more; on a later page only what it shows already is kept current. */
async function renewGrid(grid) {
  const page = await fetched(location.href);
  const arrived = [];
  for (const card of page.querySelectorAll(CARDS)) {
    const known = document.getElementById(card.id);
    if (known) patched(known, card).forEach(enliven);
    else if (isFirst(grid)) arrived.push(document.importNode(card, true));
  }
  arrived.forEach(remember);
  grid.prepend(...arrived);
  arrived.forEach(enliven);
  const empty = document.getElementById("empty");
  if (empty && arrived.length) empty.hidden = true;
}

/** Tells a screen reader, which does not see the colour change. */
function announce({ dataset }) {
  document.getElementById("live").textContent = `Task is now ${dataset.status}.`;
}

const jobs = new Map();
let working = false;

/** Does one piece of work after the other; what is asked for twice meanwhile is done once. */
async function later(name, work) {
  jobs.set(name, work);
  if (working) return;
  working = true;
  while (jobs.size) {
    const [[first, next]] = jobs;
    jobs.delete(first);
    await next().catch((error) => console.warn(error.message)); // the next event brings it up to date
  }
  working = false;
}
