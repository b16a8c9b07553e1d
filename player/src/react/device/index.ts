// What the device does while a video plays; asked for when the first one does.
export { holdMediaSession } from "./mediaSession";
export { holdWakeLock } from "./wakeLock";
