// What an embedding page and the embedded player say to each other: version 1, described in docs/how-to/embed.md.

export const VERSION = 1;
export const RATES = { min: 0.25, max: 4 };
const MOST_KEYS = 8; // of a message; more are no message of ours

export type Command =
  | { command: "hello" | "play" | "pause" }
  | { command: "seek"; toS: number }
  | { command: "setRate"; rate: number }
  | { command: "mute"; muted: boolean }
  | { command: "loop"; fromS: number | null; toS: number };

export type EmbedEvent =
  | { event: "ready"; videoId: string; title: string; durationS: number | null }
  | { event: "play" | "pause" | "ended" | "time"; positionS: number; durationS: number }
  | { event: "error"; code: string; hint: string };

export type Heard =
  | { kind: "command"; command: Command }
  /** Not for us: other scripts of the page talk through frames too. */
  | { kind: "foreign" }
  | { kind: "refused"; code: string; hint: string };

/** Reads whatever was posted. A message for the player is an object with `viewbox: 1` and a `command`. */
export function readMessage(data: unknown): Heard {
  if (typeof data !== "object" || data === null || !("viewbox" in data)) return { kind: "foreign" };
  if (Object.keys(data).length > MOST_KEYS) return refused("bad_message", `at most ${MOST_KEYS} fields`);
  const { viewbox, command, toS, fromS, rate, muted } = data as Record<string, unknown>;
  if (viewbox !== VERSION) return refused("unknown_version", `this player understands version ${VERSION}`);
  switch (command) {
    case "hello":
    case "play":
    case "pause":
      return accepted({ command });
    case "seek":
      return isPosition(toS) ? accepted({ command, toS }) : refused("bad_argument", "seek needs toS, in seconds");
    case "setRate":
      return isNumber(rate) && rate >= RATES.min && rate <= RATES.max
        ? accepted({ command, rate })
        : refused("bad_argument", `setRate needs rate, ${RATES.min} to ${RATES.max}`);
    case "mute":
      return typeof muted === "boolean"
        ? accepted({ command, muted })
        : refused("bad_argument", "mute needs muted, true or false");
    case "loop":
      if (fromS === null) return accepted({ command, fromS, toS: 0 });
      return isPosition(fromS) && isPosition(toS) && fromS < toS
        ? accepted({ command, fromS, toS })
        : refused("bad_argument", "loop needs fromS before toS, in seconds, or fromS null to end it");
    default:
      return refused("unknown_command", "there are hello, play, pause, seek, setRate, mute and loop");
  }
}

function accepted(command: Command): Heard {
  return { kind: "command", command };
}

function refused(code: string, hint: string): Heard {
  return { kind: "refused", code, hint };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isPosition(value: unknown): value is number {
  return isNumber(value) && value >= 0;
}
