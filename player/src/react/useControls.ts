// What buttons, keys and gestures do to the media. One place, so that all of them agree.
import { type RefObject, useMemo } from "react";
import type { KeyActions } from "./hotkeys";
import type { Session } from "./useSession";

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 3];

export interface Controls extends KeyActions {
  seek(toS: number, cause?: "user" | "chapter"): void;
  setVolume(volume: number): void;
  setRate(rate: number): void;
  togglePip(): void;
  /** -1 = off. */
  showCaptions(index: number): void;
}

interface Parts {
  video: RefObject<HTMLVideoElement | null>;
  box: RefObject<HTMLElement | null>;
  session: Session;
  onHelp: () => void;
  onSkip: (seconds: number) => void;
  onCaptions: (index: number) => void;
}

type FullscreenVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

export function useControls({ video, box, session, onHelp, onSkip, onCaptions }: Parts): Controls {
  const { handle, setting } = session;
  return useMemo(() => {
    const withMedia = (act: (media: HTMLVideoElement) => void) => {
      if (video.current) act(video.current);
    };
    const seek = (toS: number, cause: "user" | "chapter" = "user") => handle?.seek(toS, cause);
    const showCaptions = (index: number) =>
      withMedia((media) => {
        for (const [at, track] of [...media.textTracks].entries()) track.mode = at === index ? "showing" : "disabled";
        setting("captions", index >= 0 ? (media.textTracks[index]?.language ?? "on") : "off");
        onCaptions(index);
      });
    const setVolume = (volume: number) =>
      withMedia((media) => {
        media.volume = Math.min(1, Math.max(0, volume));
        media.muted = media.volume === 0;
      });
    return {
      seek,
      setVolume,
      showCaptions,
      togglePlay: () =>
        withMedia((media) => {
          if (media.paused || media.ended) handle?.play();
          else media.pause();
        }),
      skip: (seconds) =>
        withMedia((media) => {
          seek(media.currentTime + seconds);
          onSkip(seconds);
        }),
      goToShare: (share) => withMedia((media) => seek((media.duration || 0) * share)),
      goToEnd: () => withMedia((media) => seek(Math.max(0, (media.duration || 0) - 0.1))),
      changeVolume: (by) => withMedia((media) => setVolume((media.muted ? 0 : media.volume) + by)),
      toggleMute: () =>
        withMedia((media) => {
          media.muted = !media.muted;
          if (!media.muted && media.volume === 0) media.volume = 0.5;
        }),
      setRate: (rate) =>
        withMedia((media) => {
          media.playbackRate = rate;
        }),
      changeRate: (steps) =>
        withMedia((media) => {
          const at = RATES.findIndex((rate) => rate >= media.playbackRate - 0.001);
          media.playbackRate = RATES[Math.min(RATES.length - 1, Math.max(0, at + steps))] ?? 1;
        }),
      toggleFullscreen: () => {
        const element = box.current;
        if (document.fullscreenElement) void document.exitFullscreen();
        else if (element?.requestFullscreen) element.requestFullscreen().catch(() => undefined);
        else withMedia((media) => (media as FullscreenVideo).webkitEnterFullscreen?.()); // iPhone
      },
      togglePip: () =>
        withMedia((media) => {
          if (document.pictureInPictureElement) void document.exitPictureInPicture();
          else media.requestPictureInPicture?.().catch(() => undefined);
        }),
      toggleCaptions: () =>
        withMedia((media) => {
          if (media.textTracks.length === 0) return;
          const shown = [...media.textTracks].findIndex((track) => track.mode === "showing");
          showCaptions(shown >= 0 ? -1 : 0);
        }),
      help: onHelp,
    };
  }, [video, box, handle, setting, onHelp, onSkip, onCaptions]);
}
