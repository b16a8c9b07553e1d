// The floor: no React, no controls.
import { attach } from "./attach.js";

const video = document.createElement("video");
Object.assign(video, { muted: true, autoplay: true, playsInline: true });
document.getElementById("root").append(video);
attach(video, "/stream/one.m3u8");
