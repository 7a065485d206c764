"use strict";

/** Light or dark, before anything is painted: the person's choice if there is one, else the system's. */
(() => {
  const KEY = "taskferry-theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const shown = () => root.dataset.theme ?? (system.matches ? "dark" : "light");

  function label(button) {
    const other = shown() === "dark" ? "light" : "dark";
    button.textContent = other === "dark" ? "Dark" : "Light";
    button.setAttribute("aria-label", `${button.textContent} theme`);
    button.hidden = false;
  }

  function change() {
    label(document.getElementById("theme"));
    document.dispatchEvent(new Event("themechange"));
  }

  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  document.addEventListener("DOMContentLoaded", () => {
    system.addEventListener("change", change);
    const button = document.getElementById("theme");
    label(button);
    button.addEventListener("click", () => {
      root.dataset.theme = shown() === "dark" ? "light" : "dark";
      localStorage.setItem(KEY, root.dataset.theme);
      change();
    });
  });
})();
