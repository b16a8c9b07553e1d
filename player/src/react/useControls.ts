// What buttons, keys and gestures do to the media. One place, so that all of them agree.
import { type RefObject, useMemo } from "react";
import { toggleFullscreen } from "./device/fullscreen";
import type { KeyActions } from "./hotkeys";
import { prefer, preferences } from "./preferences";
import { type Session, sameLanguage } from "./useSession";

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 3];

export interface Controls extends KeyActions {
  seek(toS: number, cause?: "user" | "chapter" | "skip"): void;
  setVolume(volume: number): void;
  setRate(rate: number): void;
}

interface Parts {
  video: RefObject<HTMLVideoElement | null>;
  box: RefObject<HTMLElement | null>;
  session: Session;
  theatre: boolean;
  onTheatre: ((on: boolean) => void) | undefined;
  onHelp: () => void;
  onSkip: (seconds: number) => void;
}

export function useControls({ video, box, session, theatre, onTheatre, onHelp, onSkip }: Parts): Controls {
  const { handle, setting, selectText, texts, text } = session;
  return useMemo(() => {
    const withMedia = (act: (media: HTMLVideoElement) => void) => {
      if (video.current) act(video.current);
    };
    const seek: Controls["seek"] = (toS, cause = "user") => handle?.seek(toS, cause);
    const keepVolume = ({ volume, muted }: HTMLVideoElement) => prefer({ volume, muted });
    const setVolume = (volume: number) =>
      withMedia((media) => {
        media.volume = Math.min(1, Math.max(0, volume));
        media.muted = media.volume === 0;
        keepVolume(media);
      });
    return {
      seek,
      setVolume,
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
          keepVolume(media);
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
      toggleFullscreen: () => withMedia((media) => toggleFullscreen(box.current, media)),
      togglePip: () =>
        withMedia((media) => {
          if (document.pictureInPictureElement) void document.exitPictureInPicture();
          else media.requestPictureInPicture?.().catch(() => undefined);
        }),
      toggleTheatre: () => {
        onTheatre?.(!theatre);
        if (onTheatre) setting("theatre", !theatre);
      },
      toggleCaptions: () => {
        if (texts.length === 0) return;
        const wanted = sameLanguage(texts, preferences().captions ?? navigator.language) ?? texts[0];
        selectText(text >= 0 ? -1 : (wanted?.index ?? 0));
      },
      help: onHelp,
    };
  }, [video, box, handle, setting, selectText, texts, text, theatre, onTheatre, onHelp, onSkip]);
}
