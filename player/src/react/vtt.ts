// WebVTT read as far as the player needs it. It comes with the first file: many videos have none.
import type { Cue } from "./cues";

export interface Picture {
  url: string;
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Each chapter is an element on the bar, and a file may come from anybody. */
const MOST_CUES = 5000;

const TIMING = /^(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{3})\s+-->\s+(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{3})/;

export function parseCues(vtt: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of vtt.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMING.test(line));
    const match = at < 0 ? null : TIMING.exec(lines[at] ?? "");
    if (!match) continue;
    if (cues.length === MOST_CUES) break;
    const number = (index: number) => Number(match[index] ?? 0);
    const secondsFrom = (index: number) =>
      number(index) * 3600 + number(index + 1) * 60 + number(index + 2) + number(index + 3) / 1000;
    const text = lines
      .slice(at + 1)
      .join(" ")
      .replace(/<[^>]*>/g, "")
      .trim();
    cues.push({ startS: secondsFrom(1), endS: secondsFrom(5), text });
  }
  return cues.sort((a, b) => a.startS - b.startS);
}

/** The sprite region a storyboard cue names (`sprite.jpg#xywh=0,90,160,90`); null when it names none. */
export function pictureOf(cue: Cue, vttUrl: string): Picture | null {
  const match = /^(\S+)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)/.exec(cue.text);
  if (!match) return null;
  const [x = 0, y = 0, w = 0, h = 0] = match.slice(2).map(Number);
  return { url: new URL(match[1] ?? "", new URL(vttUrl, location.href)).href, x, y, w, h };
}
