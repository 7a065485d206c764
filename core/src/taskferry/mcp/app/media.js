"use strict";

/** Shows one kept file. Its bytes come through the host, because a sandboxed page can load neither file: nor http:. */
const media = (() => {
  const RANK = { model: 0, video: 1, audio: 2, image: 3 };
  const SHOWN = { image: "img", video: "video", audio: "audio" };
  const PLAIN_TYPE = /^(image|video|audio)\/[a-z0-9.+-]+$/;
  const GLB = "model/gltf-binary";
  const blobs = new Map();
  let ready;

  const rank = ({ kind }) => RANK[kind] ?? 4;
  const inOrder = (artifacts) => [...artifacts].sort((one, other) => rank(one) - rank(other));

  function canShow({ kind, media_type: type }) {
    return type === GLB || (kind in SHOWN && PLAIN_TYPE.test(type ?? ""));
  }

  async function read(task, { name }) {
    const uri = `artifact://${encodeURIComponent(task.id)}/${encodeURIComponent(name)}`;
    const { contents } = await bridge.request("resources/read", { uri });
    const [{ blob } = {}] = contents ?? [];
    if (typeof blob !== "string") throw new Error("The host gave no file.");
    return blob;
  }

  /** Gives the element for a file; `failed(text)` is called if the browser cannot show it after all. */
  async function element(task, artifact, failed) {
    const label = words.bounded(`${artifact.name}: ${task.prompt || task.operation}`, 300);
    const blob = await read(task, artifact);
    const shown = artifact.media_type === GLB ? await model(blob, label) : plain(artifact, blob, label);
    const broken = () => failed("This browser cannot show the file; it lies where the path says.");
    shown.addEventListener("error", broken);
    return shown;
  }

  function plain({ kind, media_type: type }, blob, label) {
    const made = document.createElement(SHOWN[kind]);
    if (kind === "image") made.alt = label;
    else {
      made.controls = true;
      made.setAttribute("aria-label", label);
    }
    made.src = `data:${type};base64,${blob}`; // what the default policy of hosts allows; blob: is not among it
    return made;
  }

  async function model(blob, label) {
    ready ??= start();
    await ready;
    const bytes = Uint8Array.from(atob(blob), (letter) => letter.charCodeAt(0));
    const made = document.createElement("model-viewer");
    made.setAttribute("alt", `${label}. Arrow keys turn it, plus and minus zoom.`);
    for (const name of ["camera-controls", "disable-tap"]) made.setAttribute(name, "");
    made.setAttribute("loading", "eager");
    made.setAttribute("interaction-prompt", "none");
    made.src = URL.createObjectURL(new Blob([bytes], { type: GLB }));
    made.addEventListener("load", () => URL.revokeObjectURL(made.src), { once: true });
    return made;
  }

  /** Runs model-viewer, once; it loads files with fetch, which hosts forbid, so ours are answered from memory. */
  async function start() {
    const make = URL.createObjectURL.bind(URL);
    const drop = URL.revokeObjectURL.bind(URL);
    URL.createObjectURL = (blob) => {
      const url = make(blob);
      blobs.set(url, blob);
      return url;
    };
    URL.revokeObjectURL = (url) => {
      blobs.delete(url);
      drop(url);
    };
    window.fetch = async (wanted) => {
      const blob = blobs.get(String(wanted?.url ?? wanted));
      if (!blob) throw new TypeError("This page loads nothing from the network.");
      return new Response(blob);
    };
    const script = document.createElement("script");
    script.type = "module";
    script.textContent = document.getElementById("model-viewer").textContent;
    document.head.append(script);
    await customElements.whenDefined("model-viewer");
  }

  return { inOrder, canShow, element };
})();
