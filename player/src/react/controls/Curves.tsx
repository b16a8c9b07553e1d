import { memo } from "react";
import { areaPath, CURVE_HEIGHT, linePath, peakOf } from "../heat";

interface CurvesProps {
  heat: readonly number[] | null;
  retention: readonly number[] | null;
}

/** The audience over the timeline: what is replayed most as an area, who is still there as a line. */
export const Curves = memo(function Curves({ heat, retention }: CurvesProps) {
  return (
    <svg className="vb-curves" viewBox={`0 0 100 ${CURVE_HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {heat && <path className="vb-heat" d={areaPath(heat)} />}
      {retention && <path className="vb-retention" d={linePath(retention)} />}
    </svg>
  );
});

export { peakOf };
