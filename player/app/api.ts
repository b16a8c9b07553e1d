// The API as the site uses it: same origin, JSON, problems with a code and a hint.
import { m } from "./i18n";

export type VideoStatus = "queued" | "fetching" | "probing" | "encoding" | "ready" | "failed" | "external";

export interface VideoRendition {
  height: number;
  bitrate_bps: number | null;
  codec: string | null;
  progress: number;
  speed: number | null;
  eta_s: number | null;
}

export interface Video {
  id: string;
  title: string;
  tags: string[];
  metadata: Record<string, unknown>;
  status: VideoStatus;
  playable: boolean;
  duration_s: number | null;
  revision: number;
  created_at: string;
  progress: number;
  renditions: VideoRendition[];
  urls: Record<"hls" | "poster" | "storyboard" | "embed" | "chapters" | "captions" | "preview", string | null>;
  error: { code: string; hint: string; retryable: boolean } | null;
}

export interface VideoPage {
  items: Video[];
  next: string | null;
}

/** What the server said no to, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly hint: string,
  ) {
    super(hint);
  }
}

/** The server could not be reached. */
export const unreachable = () => new ApiError(0, "unreachable", m.noAnswerRunning);

export interface Question {
  /** Part of a title or a tag. */
  search: string;
  /** A whole tag. */
  tag: string | null;
}

export function listVideos(question: Question, cursor: string | null, signal?: AbortSignal): Promise<VideoPage> {
  const { search, tag } = question;
  const query = new URLSearchParams({ limit: "50", ...(search && { q: search }), ...(tag && { tag }) });
  if (cursor) query.set("cursor", cursor);
  return request(`/v1/videos?${query}`, { signal });
}

export function showVideo(id: string, signal?: AbortSignal): Promise<Video> {
  return request(`/v1/videos/${encodeURIComponent(id)}`, { signal });
}

export function addByUrl(url: string): Promise<Video> {
  const headers = { "Content-Type": "application/json" };
  return request("/v1/videos", { method: "POST", headers, body: JSON.stringify({ url }) });
}

export function retryVideo(id: string): Promise<Video> {
  return request(`/v1/videos/${encodeURIComponent(id)}/retry`, { method: "POST" });
}

export async function removeVideo(id: string): Promise<void> {
  await request(`/v1/videos/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** What became of a caption file. */
export interface KeptCaptions {
  language: string;
  cues: number;
  /** What a person should look at; "" when there is nothing. */
  note: string;
}

/** SRT or WebVTT; `language` is a BCP 47 tag. Takes the place of older captions of that language. */
export function sendCaptions(id: string, language: string, file: Blob): Promise<KeptCaptions> {
  const path = `/v1/videos/${encodeURIComponent(id)}/captions/${encodeURIComponent(language)}`;
  return request(path, { method: "PUT", headers: { "Content-Type": "text/vtt" }, body: file });
}

/** Rows of a metric; `query` is the whole question. */
export async function askMetric<Row>(name: string, query: URLSearchParams, signal?: AbortSignal): Promise<Row[]> {
  const answer = await request<{ rows: Row[] }>(`/v1/metrics/${name}?${query}`, { signal });
  return answer.rows;
}

async function request<Body>(path: string, init: RequestInit): Promise<Body> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw unreachable();
  }
  const body = parse(await response.text());
  if (!response.ok) throw problem(response.status, body);
  return body as Body;
}

function problem(status: number, body: unknown): ApiError {
  const { code, hint, title } = (body ?? {}) as { code?: string; hint?: string; title?: string };
  return new ApiError(status, code ?? `http_${status}`, hint || title || m.didNotWorkMoment);
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
