import { m } from "./i18n";
import { ENOUGH_VIEWS, type Week } from "./week";
import { countText, percent } from "./words";

const WIDTH = 72;
const HEIGHT = 18;

/** `1,204 views this week` and how far they got, as a line from the video's start to its end. */
export function WeekLine({ week }: { week: Week | undefined }) {
  if (!week) return <p className="card-week" />; // the cards below do not move when it is known
  if (week.views === 0) return <p className="card-week">{m.noViews}</p>;
  return (
    <p className="card-week">
      {m.views(countText(week.views), week.views === 1)}
      {week.retention.length > 1 ? (
        <Sparkline shares={week.retention} />
      ) : (
        week.views < ENOUGH_VIEWS && <span className="hidden">{m.tooFew}</span>
      )}
    </p>
  );
}

function Sparkline({ shares }: { shares: number[] }) {
  const points = shares.map((share, index) => {
    const x = (index / (shares.length - 1)) * WIDTH;
    const y = 1 + (1 - Math.min(1, share)) * (HEIGHT - 1.5);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const half = percent(shares[Math.floor(shares.length / 2)] ?? 0);
  const words = m.retention(half, percent(shares.at(-1) ?? 0));
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <title>{words}</title>
      <line x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
