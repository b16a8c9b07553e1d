// A source the browser plays by itself tells its picture's size, and no more.
import type { Adapter } from "./adapter";

const MEDIA_ERRORS = ["error", "aborted", "network", "decode", "src_not_supported"];

export function observeNative(media: HTMLMediaElement): Adapter {
  const listening = new AbortController();
  return {
    bandwidthBps: null,
    connect(sink) {
      const on = (type: string, act: () => void) => {
        media.addEventListener(type, act, { signal: listening.signal });
        act(); // it may have happened before anybody listened
      };
      on("resize", () => {
        const { videoWidth: width, videoHeight: height } = media as HTMLVideoElement;
        if (height) sink.rendition({ width, height, bitrate_bps: null, codec: null, cause: null });
      });
      on("error", () => {
        const { error } = media;
        const code = `media_${MEDIA_ERRORS[error?.code ?? 0]}`;
        if (error) sink.error({ fatal: true, code, message: error.message || null });
      });
    },
    disconnect: () => listening.abort(),
  };
}
