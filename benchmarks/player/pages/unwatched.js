// A playback that nobody watches: what the watched ones are compared with.
import { attach } from "./attach.js";

window.hls = attach(document.querySelector("video"), "/stream/one.m3u8");
window.startTracker = async () => undefined;
