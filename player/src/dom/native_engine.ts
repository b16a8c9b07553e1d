// A file, or HLS where the browser itself must play it: Safari offers audio tracks and texts, no browser offers levels.
import { AUTO_LEVEL, type Engine, type EngineEvents, NO_TRACK } from "./engine";
import { observeNative } from "./native_adapter";
import type { Texts } from "./text_tracks";

interface NativeAudioTrack {
  enabled: boolean;
  readonly label: string;
  readonly language: string;
}

/** `HTMLMediaElement.audioTracks` of Safari; lib.dom has no word of it. */
type NativeAudioTracks = ArrayLike<NativeAudioTrack> & EventTarget;

/** Plays `src` by the element itself; an empty `src` plays nothing. */
export function nativeEngine(media: HTMLVideoElement, src: string, events: EngineEvents, texts: Texts): Engine {
  const life = new AbortController();
  const { signal } = life;
  const audio = (media as { audioTracks?: NativeAudioTracks }).audioTracks;
  const sounds = (): NativeAudioTrack[] => Array.from(audio ?? []);
  const onError = () =>
    events.onFatal({ code: `media_error_${media.error?.code ?? 0}`, message: media.error?.message ?? "" });
  media.addEventListener("error", onError, { signal });
  for (const type of ["addtrack", "removetrack", "change"])
    audio?.addEventListener(type, () => events.onTracks?.(), { signal });
  texts.watch(() => events.onTracks?.(), signal);
  if (src) media.src = src;
  return {
    name: "native",
    levels: [],
    selected: AUTO_LEVEL,
    shown: AUTO_LEVEL,
    cappedAt: AUTO_LEVEL,
    select: () => undefined,
    get audioTracks() {
      return sounds().map(({ label, language }, index) => ({ index, label, lang: language || null }));
    },
    get audioTrack() {
      return sounds().findIndex((track) => track.enabled);
    },
    selectAudioTrack(index) {
      for (const [at, track] of sounds().entries()) track.enabled = at === index;
    },
    get textTracks() {
      return texts.choices();
    },
    get textTrack() {
      return texts.shown();
    },
    selectTextTrack: texts.select,
    bandwidthBps: null,
    switchTo: async () => false, // the element would begin again
    adapter: observeNative(media),
    destroy() {
      life.abort();
      texts.select(NO_TRACK);
      media.removeAttribute("src");
      media.load();
    },
  };
}
