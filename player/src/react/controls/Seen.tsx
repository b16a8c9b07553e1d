import { memo } from "react";
import type { Range } from "../seen";

/** What this person has watched, under the track. */
export const Seen = memo(function Seen({ ranges, durationS }: { ranges: readonly Range[]; durationS: number }) {
  const percent = (seconds: number) => `${(100 * Math.min(seconds, durationS)) / durationS}%`;
  return ranges.map(([fromS, toS]) => (
    <i key={fromS} className="vb-seen" style={{ left: percent(fromS), width: percent(toS - fromS) }} />
  ));
});
