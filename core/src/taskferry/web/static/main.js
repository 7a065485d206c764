import { startForms } from "./form.js";
import { startGrid } from "./grid.js";
import { startLive } from "./live.js";
import { startModels } from "./model.js";
import { startTimes } from "./times.js";
import { startVideos } from "./video.js";
import { startWaves } from "./wave.js";

/** Brings what is in `root` to life: the whole page at first, then each part that came later. */
function enliven(root) {
  startTimes(root);
  startWaves(root);
  startVideos(root);
  startModels(root);
}

startForms();
startGrid();
startLive(enliven); // before anything is changed: it remembers the page as the server sent it
enliven(document);
