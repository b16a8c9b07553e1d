// The browser's ways to the intake. A token travels in the URL: neither sockets nor beacons carry headers.
import type { Transport } from "../core/courier";

/** `url`: https://host/v1/views, where `post` goes too. */
export function waysTo(url: URL, post: (body: string) => Promise<Response>): Transport {
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
        const response = await post(body);
        const retryAfterMs = Number(response.headers.get("Retry-After")) * 1000 || 0;
        return { status: response.status, text: await response.text(), retryAfterMs };
      } catch {
        return { status: 0, text: "", retryAfterMs: 0 };
      }
    },
  };
}
