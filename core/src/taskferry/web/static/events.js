/** A connection to the server's events that comes again by itself, and says so when it is lost. */

const FIRST_PAUSE = 1000; // milliseconds
const LONGEST_PAUSE = 30_000;
const PATIENCE = 3000; // before the person is told that the connection is lost

/** Calls `heard.task` and `heard.many` with what is told, and `heard.missed` when it is there (again): since the page
 *  was made, or since the connection was lost, something may have changed. */
export function connect(url, heard) {
  let source;
  let pause = FIRST_PAUSE;
  let retry;
  let warning;

  function open() {
    if (source || document.hidden) return; // browsers open only six connections to one server over all tabs
    source = new EventSource(url);
    source.addEventListener("hello", () => {
      pause = FIRST_PAUSE;
      clearTimeout(warning);
      warning = undefined;
      say("");
      heard.missed();
    });
    for (const name of ["task", "many"]) {
      source.addEventListener(name, ({ data }) => heard[name](JSON.parse(data)));
    }
    source.addEventListener("error", lost);
  }

  function lost() {
    warning ??= setTimeout(() => say("Connection lost, trying again…"), PATIENCE);
    if (source?.readyState !== EventSource.CLOSED) return; // the browser itself tries again
    close();
    retry = setTimeout(open, pause);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = undefined;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

function say(text) {
  const place = document.getElementById("connection");
  place.textContent = text;
  place.hidden = !text;
}
