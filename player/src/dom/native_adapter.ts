// A source the browser plays by itself tells its picture's size, and no more.
import { Adapter } from "./adapter";

const MEDIA_ERRORS = ["", "aborted", "network", "decode", "src_not_supported"];

export function observeNative(media: HTMLMediaElement): Adapter {
  return new NativeAdapter(media);
}

class NativeAdapter extends Adapter {
  constructor(media: HTMLMediaElement) {
    super();
    const controller = new AbortController();
    this.#controller = controller;
    const { signal } = controller;
    media.addEventListener("resize", () => this.#showSize(media), { signal });
    media.addEventListener(
      "error",
      () => {
        const code = `media_${MEDIA_ERRORS[media.error?.code ?? 0] || "error"}`;
        this.reportError({ fatal: true, code, message: media.error?.message || null });
      },
      { signal },
    );
    this.#showSize(media);
  }

  readonly #controller: AbortController;

  override disconnect(): void {
    super.disconnect();
    this.#controller.abort();
  }

  #showSize(media: HTMLMediaElement): void {
    if (!(media instanceof HTMLVideoElement) || media.videoHeight === 0) return;
    this.showRendition({
      width: media.videoWidth,
      height: media.videoHeight,
      bitrate_bps: null,
      codec: null,
      cause: null,
    });
  }
}
