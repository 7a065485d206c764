"use strict";

/** JSON-RPC 2.0 with the host, over postMessage, as MCP Apps 2026-01-26 has it. */
const bridge = (() => {
  const LONGEST_ANSWER = 120_000; // milliseconds; a large file may take its time
  const waiting = new Map();
  const notified = {};
  const asked = { ping: () => ({}) };
  let last = 0;

  const send = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  const notify = (method, params = {}) => send({ method, params });

  function request(method, params = {}) {
    const id = ++last;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle({ id, error: { message: "The host did not answer." } }), LONGEST_ANSWER);
      waiting.set(id, { resolve, reject, timer });
      send({ id, method, params });
    });
  }

  function settle({ id, result, error }) {
    const one = waiting.get(id);
    if (!one) return;
    waiting.delete(id);
    clearTimeout(one.timer);
    if (error) one.reject(new Error(String(error.message ?? "The host refused.")));
    else one.resolve(result ?? {});
  }

  function answer({ id, method, params }) {
    const handler = asked[method];
    if (handler) send({ id, result: handler(params ?? {}) });
    else send({ id, error: { code: -32601, message: `Method not found: ${method}` } });
  }

  window.addEventListener("message", ({ source, data }) => {
    if (source !== window.parent || data?.jsonrpc !== "2.0") return;
    if (data.method === undefined) settle(data);
    else if (data.id === undefined) notified[data.method]?.(data.params ?? {});
    else answer(data);
  });

  return { notify, request, notified, asked };
})();
