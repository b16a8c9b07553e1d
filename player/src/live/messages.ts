// What WS /v1/live/{video_id} pushes, checked: a page trusts no number that it did not look at.

export const SLICES = 100;
/** Longer texts are not looked at; the server's longest is below 8 KiB. */
export const MAX_TEXT = 64 * 1024;
const MAX_RENDITIONS = 64;
const MAX_COUNT = 1e12;
const MAX_URL = 2048;

const STATUSES = ["queued", "fetching", "probing", "encoding", "ready", "failed", "external"] as const;
export type LiveStatus = (typeof STATUSES)[number];

export interface LiveRendition {
  height: number;
  bitrate_bps: number | null;
  codec: string | null;
  /** 0..1 */
  progress: number;
  /** Media seconds per wall second. */
  speed: number | null;
  eta_s: number | null;
}

/** Every two seconds. `heat`: 100 numbers, 0..1 of the most replayed slice; zeros while it is not known. */
export interface Now {
  type: "live";
  viewers_now: number;
  views: number;
  heat: number[];
}

/** When the catalog changed, and at the beginning. */
export interface Progress {
  type: "progress";
  status: LiveStatus;
  playable: boolean;
  progress: number;
  renditions: LiveRendition[];
}

/** A master playlist was published, the first or a further one; and at the beginning. */
export interface Master {
  type: "master";
  version: number;
  /** A path on the same host. */
  url: string;
}

export type LiveMessage = Now | Progress | Master;

/** The message of a frame; null for what is none, of a later version, or out of bounds. */
export function readMessage(frame: unknown): LiveMessage | null {
  if (typeof frame !== "string" || frame.length > MAX_TEXT) return null;
  let raw: unknown;
  try {
    raw = JSON.parse(frame);
  } catch {
    return null;
  }
  if (!isRecord(raw)) return null;
  switch (raw.type) {
    case "live":
      return readNow(raw);
    case "progress":
      return readProgress(raw);
    case "master":
      return readMaster(raw);
    default:
      return null;
  }
}

function readNow({ viewers_now, views, heat }: Record<string, unknown>): Now | null {
  if (!isCount(viewers_now) || !isCount(views)) return null;
  if (!Array.isArray(heat) || heat.length !== SLICES || !heat.every(isShare)) return null;
  return { type: "live", viewers_now, views, heat };
}

function readProgress({ status, playable, progress, renditions }: Record<string, unknown>): Progress | null {
  const known = STATUSES.find((each) => each === status);
  if (!known || typeof playable !== "boolean" || !isShare(progress)) return null;
  if (!Array.isArray(renditions) || renditions.length > MAX_RENDITIONS) return null;
  const rungs = renditions.map(readRendition);
  if (!rungs.every((rung) => rung !== null)) return null;
  return { type: "progress", status: known, playable, progress, renditions: rungs };
}

function readRendition(raw: unknown): LiveRendition | null {
  if (!isRecord(raw)) return null;
  const { height, bitrate_bps, codec, progress, speed, eta_s } = raw;
  if (!isCount(height) || !isShare(progress)) return null;
  if (!isAmountOrNull(bitrate_bps) || !isAmountOrNull(speed) || !isAmountOrNull(eta_s)) return null;
  if (codec !== null && (typeof codec !== "string" || codec.length > 256)) return null;
  return { height, bitrate_bps, codec, progress, speed, eta_s };
}

function readMaster({ version, url }: Record<string, unknown>): Master | null {
  if (!isCount(version) || typeof url !== "string" || url.length > MAX_URL) return null;
  // Never another host, and no scheme: the address goes to the engine as it is.
  return /^\/(?![/\\])/.test(url) ? { type: "master", version, url } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT;
}

function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}

function isAmountOrNull(value: unknown): value is number | null {
  return value === null || (typeof value === "number" && value >= 0 && value <= MAX_COUNT);
}
