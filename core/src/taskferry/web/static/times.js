/** Says times in the reader's zone: on cards as an age that goes on, elsewhere as a clock's, with the whole date to point at. */

const AGES = [[60, "s"], [60, "min"], [24, "h"], [Infinity, "d"]];
const REFRESH = 20_000; // milliseconds
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const TIMES = "time[data-epoch]";

export function startTimes(root) {
  for (const time of root.querySelectorAll(TIMES)) say(time);
}

function say(time) {
  const seconds = Number(time.dataset.epoch);
  const moment = new Date(seconds * 1000);
  time.title = whole.format(moment);
  if (time.closest(".timeline")) time.textContent = clock.format(moment);
  else time.textContent = time.closest(".facts") ? age(Date.now() / 1000 - seconds) : whole.format(moment);
}

function age(seconds) {
  let left = Math.max(0, seconds);
  for (const [size, unit] of AGES) {
    if (left < size) return unit === "s" && left < 10 ? "just now" : `${Math.floor(left)} ${unit} ago`;
    left /= size;
  }
  return "";
}

setInterval(() => document.querySelectorAll(`.facts ${TIMES}`).forEach(say), REFRESH);
