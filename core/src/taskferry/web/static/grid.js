/** Arrow keys go through the grid as through a table; "/" goes to the search. */

const EDITED = "input, select, textarea, model-viewer, audio, video";

export function startGrid() {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target.closest?.(EDITED)) return;
    const goal = event.key === "/" ? document.querySelector("input[type=search]") : neighbour(event);
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  });
}

function neighbour({ key, target }) {
  const grid = target.closest?.("#grid");
  if (!grid) return undefined;
  const links = [...grid.querySelectorAll(".preview")];
  const place = links.indexOf(target);
  if (place < 0) return undefined;
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (step !== undefined) return links[place + step];
  return { Home: links[0], End: links.at(-1) }[key];
}
