// The browser's ways to the intake. A token travels in the URL: neither sockets nor beacons carry headers.
import type { Transport } from "../core/courier";

/** `url`: https://host/v1/views. */
export function waysTo(url: URL): Transport {
  return {
    connect(opened, answered, closed) {
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
  };
}
