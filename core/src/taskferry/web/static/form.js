/** Forms: the price while typing, one press of a button, filters without a button. */

const PAUSE = 300; // milliseconds after the last key

export function startForms() {
  const job = document.querySelector("form[data-quote]");
  if (job) startQuotes(job);
  document.getElementById("filters")?.addEventListener("change", ({ currentTarget, target }) => {
    if (target.matches("select")) currentTarget.requestSubmit();
  });
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", () => hold(form, true));
    addEventListener("pageshow", () => hold(form, false)); // came back by the browser's button
  }
}

function hold(form, held) {
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) button.disabled = held;
}

function startQuotes(form) {
  let timer;
  let asking;

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    form.querySelector("#price").setAttribute("aria-busy", "true");
    try {
      const reply = await fetch(form.dataset.quote, {
        method: "POST",
        body: asked(form),
        headers: { accept: "application/json" },
        signal: asking.signal,
      });
      const said = await reply.json();
      show(form, reply.ok ? said : { text: reply.status === 403 ? "Load this page anew to send it." : said.error });
    } catch (error) {
      if (error.name !== "AbortError") show(form, { text: "The price could not be asked for." });
    }
  }

  const touched = ({ target }) => {
    if (target.name) target.dataset.touched = "";
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  };
  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  form.addEventListener("submit", () => clearTimeout(timer));
  ask();
}

/** The form without the bytes of its files, whose names will do for a price: `n.NAME` for each of `f.NAME`. */
function asked(form) {
  const data = new FormData();
  for (const [name, value] of new FormData(form)) {
    if (!(value instanceof File)) data.append(name, value);
    else if (value.name) data.append(name.replace(/^f\./, "n."), value.name);
  }
  return data;
}

/** Shows a price, and what is wrong with fields that the person has been at. */
function show(form, { text, errors = {} }) {
  const price = form.querySelector("#price");
  price.removeAttribute("aria-busy");
  const general = form.querySelector("[data-touched]") ? errors[""] : "";
  const unready = Object.keys(errors).length ? "shown as soon as the form is filled in" : "";
  price.textContent = [text || unready, general].filter(Boolean).join(" ");
  for (const field of form.querySelectorAll(".field[data-name]")) {
    const place = field.querySelector(".error");
    if (!place || !field.querySelector("[data-touched]")) continue;
    const said = errors[field.dataset.name] ?? "";
    if (place.textContent !== said) place.textContent = said;
    for (const control of field.querySelectorAll("input, select, textarea")) {
      control.toggleAttribute("aria-invalid", false);
      if (said) control.setAttribute("aria-invalid", "true");
    }
  }
}
