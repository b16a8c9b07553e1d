// hls.js as its documentation attaches it; its lightest published build, so that no peer carries more than it must.
import Hls from "hls.js/light";

export function attach(media, src) {
  const hls = new Hls({ enableWorker: false });
  hls.loadSource(src);
  hls.attachMedia(media);
  return hls;
}
