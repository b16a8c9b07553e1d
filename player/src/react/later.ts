// What a player needs once its video is known and no sooner: one chunk, asked for with the first metadata.
export { Announcer } from "./controls/Announcer";
export { Facts, PreparingCard } from "./controls/Facts";
export { NextUp } from "./controls/NextUp";
export { HoldNote, JumpNote, ResumedNote } from "./controls/Notes";
export { SkipOffer } from "./controls/SkipOffer";
export { holdMediaSession } from "./device/mediaSession";
export { holdWakeLock } from "./device/wakeLock";
