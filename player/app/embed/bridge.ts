// The player's end of the line to the page around it. Only the direct parent is heard and spoken to: it cannot change
// its document without ending this one, and `VIEWBOX_EMBED_ORIGINS` has decided that it may be there at all.
import type { PlayerHandle } from "../../src/react";
import type { Video } from "../api";
import { type Command, type EmbedEvent, readMessage, VERSION } from "./messages";

const TIME_MS = 250; // at most so often `time`
const COMMANDS_PER_S = 20;

/** Says something to the page around, if there is one. */
export function tellParent(event: EmbedEvent): void {
  if (parent !== window) parent.postMessage({ viewbox: VERSION, ...event }, "*"); // nothing here is a secret to it
}

/** Hears commands and tells events until the returned function is called. */
export function openBridge(video: Video, media: HTMLVideoElement, handle: () => PlayerHandle | null): () => void {
  const life = new AbortController();
  const { signal } = life;
  const spend = bucket();
  const state = () => ({
    positionS: media.currentTime,
    durationS: Number.isFinite(media.duration) ? media.duration : (video.duration_s ?? 0),
  });
  const ready = () =>
    tellParent({ event: "ready", videoId: video.id, title: video.title, durationS: video.duration_s });

  addEventListener(
    "message",
    ({ source, data }) => {
      if (source !== parent || parent === window) return;
      const heard = readMessage(data);
      if (heard.kind === "foreign") return;
      const left = spend();
      if (left < 0) return; // told once, when the last one was spent
      if (left === 0) tellParent({ event: "error", code: "too_many_commands", hint: `${COMMANDS_PER_S} a second` });
      else if (heard.kind === "refused") tellParent({ event: "error", code: heard.code, hint: heard.hint });
      else if (heard.command.command === "hello") ready();
      else act(heard.command, media, handle(), signal);
    },
    { signal },
  );

  const on = (type: string, listener: () => void) => media.addEventListener(type, listener, { signal });
  on("play", () => tellParent({ event: "play", ...state() }));
  on("pause", () => tellParent({ event: "pause", ...state() }));
  on("ended", () => tellParent({ event: "ended", ...state() }));
  on("error", () => tellParent({ event: "error", code: "playback", hint: "the video cannot be played here" }));
  let toldMs = Number.NEGATIVE_INFINITY;
  const time = () => {
    const nowMs = performance.now();
    if (nowMs - toldMs < TIME_MS) return;
    toldMs = nowMs;
    tellParent({ event: "time", ...state() });
  };
  on("timeupdate", time);
  on("seeked", () => {
    toldMs = Number.NEGATIVE_INFINITY; // where a jump led is always told
    time();
  });
  ready();
  return () => life.abort();
}

function act(command: Command, media: HTMLVideoElement, handle: PlayerHandle | null, signal: AbortSignal): void {
  switch (command.command) {
    case "play":
      // Before its metadata the player has not gone to its starting position yet.
      if (media.readyState >= HTMLMediaElement.HAVE_METADATA) play(media);
      else media.addEventListener("loadedmetadata", () => play(media), { signal, once: true });
      break;
    case "pause":
      media.pause();
      break;
    case "seek":
      handle?.seek(command.toS, "program");
      break;
    case "setRate":
      media.playbackRate = command.rate;
      break;
    case "mute":
      media.muted = command.muted;
      break;
    case "loop":
      handle?.loop(command.fromS, command.toS);
      break;
  }
}

function play(media: HTMLVideoElement): void {
  media.play().catch((reason: unknown) => {
    if (reason instanceof DOMException && reason.name === "NotAllowedError") {
      const hint = 'the browser wants a click in the frame; mute first, or add allow="autoplay" to the frame';
      tellParent({ event: "error", code: "autoplay_blocked", hint });
    }
  });
}

/** How many commands may still come in this second, this one taken: 0 = it was one too many. */
function bucket(): () => number {
  let secondMs = 0;
  let taken = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs - secondMs >= 1000) {
      secondMs = nowMs;
      taken = 0;
    }
    taken += 1;
    return COMMANDS_PER_S + 1 - taken;
  };
}
