// The engine on a bare element, for the browser suite: what it says is on `window`, its source is in the address.
import { attachEngine, type Engine, type EngineError } from "../../src/dom/engine";

interface Bench {
  engine: Engine | null;
  fatal: EngineError[];
  recovering: EngineError[];
  /** How often tracks, or the choice among them, changed. */
  tracks: number;
}

declare global {
  interface Window {
    bench: Bench;
  }
}

const bench: Bench = { engine: null, fatal: [], recovering: [], tracks: 0 };
window.bench = bench;
const media = document.querySelector("video");
const src = new URL(location.href).searchParams.get("src");
if (media && src) {
  bench.engine = await attachEngine(media, src, 0, {
    onLevels: () => undefined,
    onTracks: () => {
      bench.tracks += 1;
    },
    onRecovering: (error) => bench.recovering.push(error),
    onFatal: (error) => bench.fatal.push(error),
  });
  void media.play();
}
