"use strict";

/** How a task is said in words; whatever comes from a provider is bounded and only ever set as text. */
const words = (() => {
  const LONGEST = 600;
  const UNITS = ["bytes", "KB", "MB", "GB"];
  const NOT_BILLED = new Set(["prepared", "refused"]);
  const MAYBE_BILLED = new Set(["submitting", "unconfirmed"]);

  const bounded = (text, limit = LONGEST) => {
    const whole = String(text ?? "");
    return whole.length > limit ? `${whole.slice(0, limit)}…` : whole;
  };

  function size(bytes) {
    if (!Number.isFinite(bytes)) return "size unknown";
    let amount = bytes;
    let unit = 0;
    for (; amount >= 1024 && unit < UNITS.length - 1; unit += 1) amount /= 1024;
    return `${unit ? amount.toFixed(1) : amount} ${UNITS[unit]}`;
  }

  function cost(task) {
    const { estimated, actual, unit } = task.cost ?? {};
    if (NOT_BILLED.has(task.status)) return "nothing was billed";
    const known = actual ?? estimated;
    const amount = known == null ? "not known" : bounded(`${known} ${unit ?? ""}`.trim(), 60);
    if (MAYBE_BILLED.has(task.status)) return `may have been billed (${amount})`;
    return known == null || actual != null ? amount : `${amount} (estimate)`;
  }

  function status(task) {
    const parts = [bounded(task.status, 40)];
    if (Number.isFinite(task.progress) && task.status === "running") parts.push(`${Math.round(task.progress * 100)}%`);
    if (Number.isFinite(task.queue_position)) parts.push(`${task.queue_position} ahead in the queue`);
    if (Number.isFinite(task.eta)) parts.push(`about ${Math.round(task.eta)} s left`);
    if (task.parked) parts.push(`not watched any more: ${bounded(task.parked, 200)}`);
    return parts.join(", ");
  }

  function failure(task) {
    if (!task.failure || task.status === "succeeded") return "";
    const { message, code, suggestion } = task.failure;
    const reason = `${bounded(message)}${code ? ` [${bounded(code, 100)}]` : ""}`;
    return suggestion ? `${reason}\n${bounded(suggestion, 300)}` : reason;
  }

  return { bounded, size, cost, status, failure };
})();
