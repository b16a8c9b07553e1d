// What a player needs once there is a picture and no sooner: one chunk, asked for with the first frame.
export { captionProperties } from "./captionStyle";
export { Announcer } from "./controls/Announcer";
export { Facts, PreparingCard } from "./controls/Facts";
export { NextUp } from "./controls/NextUp";
export { HoldNote, JumpNote, ResumedNote } from "./controls/Notes";
export { SkipOffer } from "./controls/SkipOffer";
export { holdMediaSession } from "./device/mediaSession";
export { watchRemote } from "./device/remote";
export { holdWakeLock } from "./device/wakeLock";
