"use strict";

/** Follows one task: from the tool's result, then by get_task as often as the server says, until nothing changes. */
(() => {
  const ENDED = new Set(["succeeded", "failed", "moderated", "expired", "cancelled", "refused"]);
  const FASTEST = 500;
  const SEARCH_EVERY = 4000;
  const KEEPING_EVERY = 2000;
  const MOST_FAILURES = 5;
  const MOST_KEEPING = 30;
  const EARLIER = 60; // seconds that clocks may differ
  const { part, say, draw } = view;
  const opened = Date.now() / 1000;
  let host = {};
  let current;
  let watched = false;
  let failures = 0;
  let keeping = 0;
  let timer;

  const later = (action, pause) => {
    clearTimeout(timer);
    timer = setTimeout(action, pause);
  };
  const call = (name, given) => bridge.request("tools/call", { name, arguments: given });

  function take(task) {
    current = task;
    failures = 0;
    part.again.hidden = true;
    say("note", "");
    draw(task, ENDED.has(task.status));
    const pause = nextPause(task);
    if (pause !== null) later(look, pause);
    else if (watched) tellModel(task);
    watched ||= pause !== null;
  }

  /** Milliseconds until the next look; null when nothing changes by itself. */
  function nextPause(task) {
    if (Number.isFinite(task.poll_after_ms)) return Math.max(FASTEST, task.poll_after_ms);
    const unkept = task.status === "succeeded" && (task.artifacts ?? []).some((one) => !one.path);
    if (!unkept || keeping >= MOST_KEEPING) return null;
    keeping += 1;
    return KEEPING_EVERY;
  }

  async function look(id = current?.id) {
    try {
      const result = await call("get_task", { task_id: id });
      if (!result.structuredContent?.status) throw new Error(textOf(result) || "The server did not show the task.");
      take(result.structuredContent);
    } catch (error) {
      failures += 1;
      say("note", `The task could not be looked at: ${words.bounded(error.message, 300)}`);
      part.again.hidden = false;
      if (failures < MOST_FAILURES) later(() => look(id), FASTEST * 2 ** (failures + 2));
    }
    part.again.onclick = () => look(id);
  }

  /** Finds the task of a call that has not returned yet, as a host has it that runs the call as a protocol task. */
  async function search({ operation, parameters }) {
    const prompt = String(parameters?.prompt ?? "").replace(/\s+/g, " ").trim().slice(0, 200);
    try {
      const { structuredContent } = await call("list_tasks", { limit: 10 });
      const found = (structuredContent?.tasks ?? []).find(
        (one) => one.operation === operation && one.prompt.startsWith(prompt) && one.created_at > opened - EARLIER,
      );
      if (!current && found) return look(found.id);
    } catch (error) {
      say("note", words.bounded(error.message, 300));
    }
    if (!current) later(() => search({ operation, parameters }), SEARCH_EVERY);
  }

  /** Lets the model know of an end that it did not see; only our own words and paths, none of the provider's. */
  function tellModel(task) {
    if (!host.capabilities?.updateModelContext) return;
    const paths = (task.artifacts ?? []).filter((one) => one.path).map((one) => one.path);
    const files = paths.length ? ` Files: ${paths.join(", ")}.` : " Call get_task for the reason.";
    const text = `Task ${task.id} (${task.operation}) has ended: ${task.status}.${files}`;
    const refused = (error) => say("note", words.bounded(error.message, 300));
    bridge.request("ui/update-model-context", { content: [{ type: "text", text }] }).catch(refused);
  }

  const textOf = ({ content }) =>
    (content ?? []).filter((one) => one.type === "text").map((one) => one.text).join("\n");

  bridge.notified["ui/notifications/tool-input"] = ({ arguments: given = {} }) => {
    if (current) return;
    say("title", words.bounded(given.operation ?? "Waiting for the task", 200));
    say("prompt", words.bounded(given.parameters?.prompt ?? given.prompt, 300));
    say("status", "submitting");
    if (given.operation) later(() => search(given), SEARCH_EVERY);
    else if (given.task_id) look(given.task_id);
  };
  bridge.notified["ui/notifications/tool-result"] = (result) => {
    const task = result.structuredContent;
    if (task?.id && task.status && task.cost) return take(task);
    const id = task?.task_id ?? task?.id;
    if (typeof id === "string") return look(id);
    clearTimeout(timer);
    part.progress.hidden = true;
    say("status", result.isError ? "not done" : "done");
    return say(result.isError ? "failure" : "note", words.bounded(textOf(result)));
  };
  bridge.notified["ui/notifications/tool-cancelled"] = ({ reason }) => {
    if (current) return;
    clearTimeout(timer);
    part.progress.hidden = true;
    say("status", "The call was stopped; a job that was submitted goes on.");
    say("note", words.bounded(reason, 300));
  };

  function adapt(context) {
    host.context = { ...host.context, ...context };
    const { theme, styles, displayMode, availableDisplayModes, containerDimensions } = host.context;
    const root = document.documentElement.style;
    if (theme === "light" || theme === "dark") root.colorScheme = theme;
    for (const [name, value] of Object.entries(styles?.variables ?? {})) {
      if (name.startsWith("--") && typeof value === "string") root.setProperty(name, value);
    }
    const room = containerDimensions?.height ?? containerDimensions?.maxHeight;
    if (Number.isFinite(room)) root.setProperty("--stage-height", `${Math.max(180, room - 260)}px`);
    part.larger.hidden = !availableDisplayModes?.includes("fullscreen");
    part.larger.textContent = displayMode === "fullscreen" ? "Back to the conversation" : "Full screen";
  }
  bridge.notified["ui/notifications/host-context-changed"] = adapt;
  part.larger.addEventListener("click", async () => {
    const mode = host.context.displayMode === "fullscreen" ? "inline" : "fullscreen";
    adapt({ displayMode: (await bridge.request("ui/request-display-mode", { mode })).mode });
  });
  bridge.asked["ui/resource-teardown"] = () => {
    clearTimeout(timer);
    return {};
  };

  function watchSize() {
    let told;
    new ResizeObserver(() => {
      const { width, height } = document.querySelector("main").getBoundingClientRect();
      const size = { width: Math.ceil(width), height: Math.ceil(height) };
      if (told !== size.height) bridge.notify("ui/notifications/size-changed", size);
      told = size.height;
    }).observe(document.querySelector("main"));
  }

  bridge
    .request("ui/initialize", {
      protocolVersion: "2026-01-26",
      appInfo: { name: "taskferry-viewer", title: "Taskferry viewer", version: "1" },
      appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
    })
    .then(({ hostCapabilities, hostContext }) => {
      host = { capabilities: hostCapabilities ?? {}, context: {} };
      adapt(hostContext ?? {});
      if (!current) say("status", "Waiting for the tool's result");
      bridge.notify("ui/notifications/initialized");
      watchSize();
    })
    .catch((error) => say("failure", words.bounded(error.message, 300)));
})();
