// One playback, watched by both trackers at once; what each of them says goes to this host.
import Hls from "hls.js/light";
import { createTracker } from "@viewbox/player/tracker";
import mux from "mux-embed";
import { attach } from "./attach.js";

const video = document.querySelector("video");
const hls = attach(video, "/stream/one.m3u8");
const consent = new URL(location.href).searchParams.has("consent");
createTracker({ endpoint: "/v1/views", consent }).attach(video, { videoId: "benchmark", hls });
mux.monitor(video, {
  debug: false,
  disableCookies: true,
  beaconCollectionDomain: `localhost:${location.port}`,
  hlsjs: hls,
  Hls,
  data: { env_key: "benchmark", player_init_time: mux.utils.now(), video_id: "benchmark" },
});
