import type { SocketHandlers, Transport } from "../core/courier";

/** The browser's ways to `endpoint` (`https://host/v1/views`). `token` travels in the URL: neither sockets nor beacons carry headers. */
export function browserTransport(endpoint: string, token?: string): Transport {
  const url = new URL(endpoint, location.href);
  if (token) url.searchParams.set("token", token);

  return {
    connect({ opened, answered, closed }: SocketHandlers) {
      const socket = new WebSocket(url.href.replace(/^http/, "ws"));
      socket.onopen = opened;
      socket.onmessage = ({ data }) => answered(data);
      socket.onclose = ({ code }) => closed(code);
      return socket;
    },

    async post(body) {
      try {
        // A plain text needs no preflight.
        const response = await fetch(url, { method: "POST", body, credentials: "omit" });
        return {
          status: response.status,
          text: await response.text(),
          retryAfterMs: Number(response.headers.get("Retry-After")) * 1000 || 0,
        };
      } catch {
        return { status: 0, text: "", retryAfterMs: 0 };
      }
    },

    beacon: (text) => navigator.sendBeacon?.(url, text) ?? false,
  };
}
