import { whenSeen } from "./view.js";

/** Shows 3D models: on a card still, turning while it is pointed at; on the task's page to be turned by hand and keys. */

const LIBRARY = "./model-viewer.js";
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let loading;

export function startModels(root) {
  whenSeen(root.querySelectorAll("[data-model]"), show);
}

const isLarge = (place) => place.closest(".result") !== null;

function show(place) {
  const viewer = document.createElement("model-viewer");
  viewer.setAttribute("alt", place.dataset.alt ?? "3D model");
  if (place.dataset.poster) viewer.setAttribute("poster", place.dataset.poster);
  viewer.setAttribute("loading", "eager");
  viewer.setAttribute("interaction-prompt", "none");
  if (isLarge(place)) enlarge(place, viewer);
  else keepSmall(place, viewer);
  viewer.src = place.dataset.model;
  viewer.addEventListener("load", () => (place.dataset.drawn = ""), { once: true });
  viewer.addEventListener("error", () => fail(place));
  place.prepend(viewer);
  loading ??= import(LIBRARY);
  loading.catch(() => fail(place));
}

function fail(place) {
  const said = document.createElement("p");
  said.textContent = "This browser cannot draw the model.";
  place.replaceChildren(said);
}

function enlarge(place, viewer) {
  for (const name of ["camera-controls", "disable-tap"]) viewer.setAttribute(name, "");
  viewer.setAttribute("auto-rotate-delay", "600");
  const button = document.createElement("button");
  button.type = "button";
  const turn = (on) => {
    viewer.toggleAttribute("auto-rotate", on);
    button.textContent = on ? "Stop turning" : "Turn";
  };
  button.addEventListener("click", () => turn(!viewer.hasAttribute("auto-rotate")));
  turn(!calm.matches);
  place.append(button);
}

function keepSmall(place, viewer) {
  viewer.setAttribute("tabindex", "-1");
  viewer.setAttribute("auto-rotate-delay", "0");
  const card = place.closest(".card");
  const turn = (on) => viewer.toggleAttribute("auto-rotate", on && !calm.matches);
  for (const name of ["pointerenter", "focusin"]) card?.addEventListener(name, () => turn(true));
  for (const name of ["pointerleave", "focusout"]) card?.addEventListener(name, () => turn(false));
  if (card?.matches(":hover, :focus-within")) turn(true);
}
