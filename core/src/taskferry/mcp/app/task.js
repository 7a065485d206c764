"use strict";

/** Draws a task: its state, what went wrong, what it cost, and its files. */
const view = (() => {
  const part = Object.fromEntries([...document.querySelectorAll("[id]")].map((one) => [one.id, one]));
  let shownFile;

  function say(name, text) {
    const bounded = words.bounded(text, 2000);
    part[name].hidden = !bounded;
    if (part[name].textContent !== bounded) part[name].textContent = bounded; // unchanged, it is not read out again
  }

  function draw(task, ended) {
    say("title", task.operation);
    say("prompt", words.bounded(task.prompt, 300));
    say("status", words.status(task));
    say("failure", words.failure(task));
    part.progress.hidden = ended || Boolean(task.parked);
    if (Number.isFinite(task.progress)) part.progress.value = task.progress;
    else part.progress.removeAttribute("value");
    drawFacts(task);
    drawFiles(task);
  }

  function drawFacts(task) {
    const files = (task.artifacts ?? []).map((one) => ["File", ...file(one)]);
    const rows = [["Cost", words.cost(task)], ...files, ["Task", words.bounded(task.id, 60)]];
    part.facts.hidden = false;
    part.facts.replaceChildren(...rows.flatMap(([term, ...described]) => {
      const value = made("dd", "");
      value.append(...described);
      return [made("dt", term), value];
    }));
  }

  function file({ path, name, size }) {
    if (!path) return [`${words.bounded(name, 100)} (not kept yet)`];
    return [made("span", words.bounded(path, 1000), "path"), " ", made("span", words.size(size))];
  }

  function made(tag, text, style) {
    const one = document.createElement(tag);
    one.textContent = text;
    if (style) one.className = style;
    return one;
  }

  function drawFiles(task) {
    const files = media.inOrder(task.artifacts ?? []).filter((one) => one.path && media.canShow(one));
    part.choices.hidden = files.length < 2;
    part.choices.replaceChildren(...files.map((file) => choice(task, file)));
    if (files.length && !shownFile) show(task, files[0]);
  }

  function choice(task, file) {
    const button = made("button", words.bounded(file.name, 60));
    button.type = "button";
    button.setAttribute("aria-pressed", String(shownFile === file.name));
    button.addEventListener("click", () => show(task, file));
    return button;
  }

  async function show(task, file) {
    shownFile = file.name;
    for (const one of part.choices.children) one.setAttribute("aria-pressed", String(one.textContent === file.name));
    part.stage.hidden = false;
    part.stage.setAttribute("aria-busy", "true");
    fill(file, made("p", `Loading ${words.bounded(file.name, 100)}…`));
    try {
      fill(file, await media.element(task, file, (problem) => fill(file, made("p", problem))));
    } catch (error) {
      fill(file, made("p", words.bounded(error.message, 400)));
    }
    part.stage.removeAttribute("aria-busy");
  }

  function fill(file, element) {
    if (file.name === shownFile) part.stage.replaceChildren(element); // else another one was chosen meanwhile
  }

  return { part, say, draw };
})();
