/** Size of a chart's own coordinates. */
const WIDTH = 300;
const HEIGHT = 64;
/** What a chart shows at most, and at least, ms. */
const LONGEST = 3_600_000;
const SHORTEST = 120_000;

/** One value over the last hour. */
export interface ChartPoint {
  /** ms since the epoch. */
  readonly at: number;
  readonly value: number;
}

interface ChartParts {
  readonly title: string;
  readonly points: readonly ChartPoint[];
  /** Between two points, ms; where more is missing the line has a gap. */
  readonly every: number;
  readonly text: (value: number) => string;
}

/** A line over the last hour, or since there are points, with its newest value and its highest. */
export function Chart({ title, points, every, text }: ChartParts) {
  const end = points.at(-1)?.at ?? 0;
  const highest = points.reduce((most, { value }) => Math.max(most, value), 0);
  const now = points.at(-1)?.value ?? 0;
  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <strong>{text(now)}</strong>
        <span class="faint end">at most {text(highest)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title} over the last hour: now ${text(now)}, at most ${text(highest)}`}
      >
        <path d={lineOf(points, end, highest, every)} />
      </svg>
    </figure>
  );
}

/** The path of a line through all points; the highest one is at the top. */
function lineOf(points: readonly ChartPoint[], end: number, highest: number, every: number): string {
  let before = Number.NEGATIVE_INFINITY;
  const span = Math.min(LONGEST, Math.max(SHORTEST, end - (points[0]?.at ?? end)));
  let path = "";
  for (const { at, value } of points) {
    const x = WIDTH - (WIDTH * (end - at)) / span;
    const y = HEIGHT - 2 - ((HEIGHT - 4) * value) / (highest || 1);
    path += `${at - before > 2.5 * every ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    before = at;
  }
  // One point alone is a dot.
  return points.length === 1 ? `${path}h0.1` : path;
}
