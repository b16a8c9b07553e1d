// The API as the site uses it: same origin, JSON, problems with a code and a hint.

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

export const UNREACHABLE = new ApiError(0, "unreachable", "ViewBox does not answer. Is it running?");

export function listVideos(cursor: string | null, signal?: AbortSignal): Promise<VideoPage> {
  return request(`/v1/videos?limit=50${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, { signal });
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

/** Sends a file; `onProgress` hears the share that has left this device. */
export function upload(file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<Video> {
  return new Promise((resolve, reject) => {
    const form = new FormData();
    const title = file.name
      .replace(/\.[^.]+$/, "")
      .trim()
      .slice(0, 200);
    if (title) form.append("title", title);
    form.append("file", file); // last: the server stores it as it arrives, and knows the title by then
    const sending = new XMLHttpRequest(); // fetch still has no upload progress
    sending.open("POST", "/v1/videos/upload");
    sending.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    sending.onload = () => {
      const body = parse(sending.responseText);
      if (sending.status >= 200 && sending.status < 300) resolve(body as Video);
      else reject(problem(sending.status, body));
    };
    sending.onerror = () => reject(new ApiError(0, "upload_broke_off", "The upload broke off. Choose the file again."));
    sending.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => sending.abort());
    sending.send(form);
  });
}

async function request<Body>(path: string, init: RequestInit): Promise<Body> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (reason) {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw UNREACHABLE;
  }
  const body = parse(await response.text());
  if (!response.ok) throw problem(response.status, body);
  return body as Body;
}

function problem(status: number, body: unknown): ApiError {
  const { code, hint, title } = (body ?? {}) as { code?: string; hint?: string; title?: string };
  return new ApiError(status, code ?? `http_${status}`, hint || title || "That did not work. Try again in a moment.");
}

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
