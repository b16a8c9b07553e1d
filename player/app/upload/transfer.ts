// One file on its way by tus. This module brings tus-js-client along: it is loaded with the first file.
import { type DetailedError, Upload } from "tus-js-client";
import { m } from "../i18n";
import { storage } from "./kept";

const VIDEO_HEADER = "Viewbox-Video-Id";
const RETRY_MS = [0, 1000, 2000, 4000, 8000, ...Array<number>(240).fill(15_000)]; // about an hour without any answer
// Browsers send a broken request's whole body again by themselves, and proxies refuse long ones.
const CHUNK_BYTES = 32 * 1024 * 1024;

export interface Listener {
  progress(sentBytes: number): void;
  /** The connection broke; it is tried again by itself. */
  lost(): void;
  done(videoId: string): void;
  /** It does not go on by itself. `final`: it cannot go on at all. */
  stopped(problem: string, final: boolean, status: number): void;
}

export interface Transfer {
  pause(): void;
  goOn(): void;
  /** Ends it here and on the server. */
  giveUp(): void;
}

/** Sends a file, from where an earlier attempt with the same file stopped. */
export function send(file: File, listener: Listener): Transfer {
  let videoId: string | undefined;
  let paused = false;
  const life = new AbortController(); // until the upload has come to an end of some kind
  const upload = new Upload(file, {
    endpoint: new URL("/v1/uploads", location.href).href,
    metadata: { filename: file.name, filetype: file.type },
    retryDelays: RETRY_MS,
    chunkSize: CHUNK_BYTES,
    urlStorage: storage,
    removeFingerprintOnSuccess: true,
    onProgress: (sentBytes) => listener.progress(sentBytes),
    onAfterResponse: (_request, response) => {
      videoId = response.getHeader(VIDEO_HEADER) ?? videoId;
    },
    onShouldRetry: (error) => {
      const again = isPassing(error);
      if (again && !paused) listener.lost();
      return again;
    },
    onSuccess: () => {
      life.abort();
      if (videoId) listener.done(videoId);
      else listener.stopped(m.noVideoNamed, true, 200);
    },
    onError: (error) => {
      const answer = "originalResponse" in error ? error.originalResponse : null;
      const status = answer?.getStatus() ?? 0;
      paused = true;
      listener.stopped(hintOf(answer?.getBody()), status >= 400 && status < 500 && status !== 401, status);
    },
  });
  const begin = async () => {
    const [earlier] = await upload.findPreviousUploads();
    if (earlier) upload.resumeFromPreviousUpload(earlier);
    if (!paused) upload.start();
  };
  void begin();
  const back = () => {
    if (paused) return;
    void upload.abort().then(() => upload.start()); // the next attempt now, not when its delay is over
  };
  addEventListener("online", back, { signal: life.signal });
  return {
    pause() {
      paused = true;
      void upload.abort();
    },
    goOn() {
      paused = false;
      upload.start();
    },
    giveUp() {
      paused = true;
      life.abort();
      void upload.abort(true).catch(() => undefined); // unreachable: the server forgets it by itself
    },
  };
}

/** Whether the same request may work in a moment. A full disk needs a person. */
function isPassing(error: DetailedError): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  if (status >= 500) return codeOf(error.originalResponse?.getBody()) !== "disk_full";
  return status === 0 || status === 409 || status === 423;
}

function codeOf(body: string | undefined): string | undefined {
  return parse(body).code;
}

function hintOf(body: string | undefined): string {
  const { title, hint } = parse(body);
  return [title, hint].filter(Boolean).join(": ") || m.brokeOff;
}

function parse(body: string | undefined): { code?: string; title?: string; hint?: string } {
  try {
    return JSON.parse(body ?? "") ?? {};
  } catch {
    return {};
  }
}
