import type { PostResult, Socket, SocketHandlers, Transport } from "../core/courier";

/** The browser's ways to `endpoint` (`https://host/v1/views`). `token` travels in the URL: neither sockets nor beacons carry headers. */
export function browserTransport(endpoint: string, token?: string): Transport {
  const url = new URL(endpoint, location.href);
  if (token) url.searchParams.set("token", token);
  const socketUrl = new URL(url);
  socketUrl.protocol = url.protocol === "https:" ? "wss:" : "ws:";

  return {
    connect(handlers: SocketHandlers): Socket {
      const socket = new WebSocket(socketUrl);
      socket.addEventListener("open", () => handlers.opened());
      socket.addEventListener("message", ({ data }) => handlers.answered(String(data)));
      socket.addEventListener("close", ({ code }) => handlers.closed(code));
      return socket;
    },

    async post(text: string): Promise<PostResult> {
      try {
        const headers = { "Content-Type": "text/plain;charset=UTF-8" }; // no preflight
        const response = await fetch(url, { method: "POST", body: text, headers, credentials: "omit" });
        const retryAfterS = Number(response.headers.get("Retry-After") ?? Number.NaN);
        return {
          status: response.status,
          text: await response.text(),
          retryAfterMs: Number.isFinite(retryAfterS) ? retryAfterS * 1000 : null,
        };
      } catch {
        return { status: 0, text: "", retryAfterMs: null };
      }
    },

    beacon: (text) => navigator.sendBeacon?.(url, text) ?? false,
  };
}
