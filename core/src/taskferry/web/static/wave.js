import { whenSeen } from "./view.js";

/** Draws a sound as a waveform: peaks per bar, what was played in the accent colour; a click goes to that moment. */

const BAR = 4; // CSS pixels a bar, with its gap
const RATE = 8000; // samples a second are enough for peaks
const LARGEST = 48 * 1024 * 1024; // bytes
const waves = new Set();
const sounds = new Map(); // peaks of a sound by its address: parts of the page come anew

export function startWaves(root) {
  whenSeen(root.querySelectorAll("canvas[data-audio]"), show);
}

async function show(canvas) {
  const audio = canvas.parentElement.querySelector("audio");
  const url = canvas.dataset.audio;
  try {
    if (!sounds.has(url)) sounds.set(url, samples(url));
    const wave = { canvas, audio, samples: await sounds.get(url) };
    waves.add(wave);
    new ResizeObserver(() => draw(wave)).observe(canvas);
    if (audio) follow(wave);
    draw(wave);
    canvas.dataset.drawn = "";
  } catch (error) {
    sounds.delete(url);
    canvas.title = error.message;
    canvas.hidden = Boolean(audio); // the player alone does
  }
}

async function samples(url) {
  const reply = await fetch(url);
  if (!reply.ok) throw new Error(`The file was answered with ${reply.status}.`);
  if (Number(reply.headers.get("content-length")) > LARGEST) throw new Error("The file is too large to draw.");
  const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await reply.arrayBuffer());
  return sound.getChannelData(0);
}

function follow(wave) {
  const { canvas, audio } = wave;
  for (const name of ["timeupdate", "seeked", "ended"]) audio.addEventListener(name, () => draw(wave));
  canvas.addEventListener("click", ({ offsetX }) => {
    if (audio.duration) audio.currentTime = (offsetX / canvas.clientWidth) * audio.duration;
  });
}

function draw({ canvas, audio, samples }) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width || !height) return;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  const style = getComputedStyle(canvas);
  const bars = peaks(samples, Math.floor(width / BAR));
  const loudest = Math.max(...bars, 0.01);
  const played = audio?.duration ? audio.currentTime / audio.duration : 1;
  bars.forEach((peak, place) => {
    const tall = Math.max(2, (peak / loudest) * (height - 4));
    pen.fillStyle = place / bars.length < played ? style.accentColor : style.color;
    pen.fillRect(place * BAR, (height - tall) / 2, BAR - 1.5, tall);
  });
}

function peaks(samples, count) {
  const step = samples.length / count;
  return Array.from({ length: count }, (_, place) => {
    let peak = 0;
    const end = (place + 1) * step;
    for (let one = Math.floor(place * step); one < end; one += 1) peak = Math.max(peak, Math.abs(samples[one] ?? 0));
    return peak;
  });
}

document.addEventListener("themechange", () => {
  for (const wave of waves) {
    if (wave.canvas.isConnected) draw(wave);
    else waves.delete(wave);
  }
});
