// The same playback, watched by ViewBox's tracker once `startTracker` is called.
import { attach } from "./attach.js";

const video = document.querySelector("video");
window.hls = attach(video, "/stream/one.m3u8");
window.startTracker = async () => {
  const { createTracker } = await import("@viewbox/player/tracker");
  createTracker({ endpoint: "/v1/views" }).attach(video, { videoId: "benchmark", hls: window.hls });
};
