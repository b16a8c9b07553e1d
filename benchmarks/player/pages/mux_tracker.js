// The same playback, watched by mux-embed once `startTracker` is called. Its beacons go to this host.
import Hls from "hls.js/light";
import { attach } from "./attach.js";

const video = document.querySelector("video");
window.hls = attach(video, "/stream/one.m3u8");
window.startTracker = async () => {
  const { default: mux } = await import("mux-embed");
  mux.monitor(video, {
    debug: false,
    disableCookies: true,
    beaconCollectionDomain: `localhost:${location.port}`,
    hlsjs: window.hls,
    Hls,
    data: { env_key: "benchmark", player_init_time: mux.utils.now(), video_id: "benchmark" },
  });
};
