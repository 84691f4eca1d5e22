import { type Plot, placeAxisTitle, valueAxisTitle, valueGrid } from "./axis.ts";
import { type DelayCount, LATE_MINUTES } from "./day-figures.ts";
import { bandClass } from "./delay-band.ts";
import { type Markup, markup } from "./markup.ts";
import { linearScale, roundTicks, type Scale } from "./scale.ts";
import { percent, whole } from "./wording.ts";

const WIDTH = 520;
const HEIGHT = 380;
const PLOT: Plot = { left: 52, right: 512, top: 30, bottom: 336 };

/** Flights beyond the ends are counted in the first and the last column. */
const LOWEST = -45;
const HIGHEST = 180;
const BUCKET_MINUTES = 5;

/** How many flights arrived how late, in steps of five minutes, with the line from which a flight counts as late. */
export function delayHistogram(delays: readonly DelayCount[], lateShare: number): Markup {
  const columns = bucketsOf(delays);
  const ticks = roundTicks(0, Math.max(1, ...columns.map((column) => column.flights)), 5);
  const y = linearScale([0, ticks[ticks.length - 1] ?? 1], [PLOT.bottom, PLOT.top]);
  return markup`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Number of flights by arrival delay">
    ${valueGrid(PLOT, ticks, y)}
    ${valueAxisTitle(PLOT, "flights")}
    <g>${columns.map((column) => bar(column, y))}</g>
    ${lateLine(lateShare)}
    ${[LOWEST + BUCKET_MINUTES, 0, 30, 60, 90, 120, 150, HIGHEST].map(delayTick)}
    ${placeAxisTitle(PLOT, HEIGHT - 6, "arrival delay, minutes")}
  </svg>`;
}

/** Flights whose delay is in `[from, from + BUCKET_MINUTES)`. */
interface Bucket {
  readonly from: number;
  readonly flights: number;
}

function bucketsOf(delays: readonly DelayCount[]): readonly Bucket[] {
  const length = (HIGHEST - LOWEST) / BUCKET_MINUTES + 1;
  const counts = Array.from({ length }, () => 0);
  for (const { delay, flights } of delays) {
    const index = Math.floor((Math.min(Math.max(delay, LOWEST), HIGHEST) - LOWEST) / BUCKET_MINUTES);
    counts[index] = (counts[index] ?? 0) + flights;
  }
  return counts.map((flights, index) => ({ from: LOWEST + index * BUCKET_MINUTES, flights }));
}

const x: Scale = linearScale([LOWEST, HIGHEST + BUCKET_MINUTES], [PLOT.left, PLOT.right]);

function bar(column: Bucket, y: Scale): Markup {
  const width = x(BUCKET_MINUTES) - x(0) - 1.5;
  const top = y(column.flights);
  return markup`<rect class="${bandClass(column.from)}" x="${x(column.from) + 0.8}" y="${top}" width="${width}" height="${PLOT.bottom - top}" rx="1.5"><title>${spanText(column.from)}
${whole(column.flights)} flights</title></rect>
`;
}

function spanText(from: number): string {
  if (from === LOWEST) return `more than ${-(LOWEST + BUCKET_MINUTES)} min early`;
  if (from === HIGHEST) return `${HIGHEST} min late or more`;
  return from < 0
    ? `${-from} to ${-(from + BUCKET_MINUTES)} min early`
    : `${from} to ${from + BUCKET_MINUTES} min late`;
}

function lateLine(lateShare: number): Markup {
  const at = x(LATE_MINUTES);
  return markup`<line class="marker" x1="${at}" x2="${at}" y1="${PLOT.top}" y2="${PLOT.bottom}"/>
    <text class="note" x="${at + 10}" y="${PLOT.top + 16}">late from ${whole(LATE_MINUTES)} min on:</text>
    <text class="note strong" x="${at + 10}" y="${PLOT.top + 36}">${percent(lateShare)} of all flights</text>`;
}

function delayTick(delay: number): Markup {
  const text = `${delay < 0 ? "<−" : ""}${Math.abs(delay)}${delay === HIGHEST ? "+" : ""}`;
  const at = delay === HIGHEST || delay < 0 ? x(delay) + (delay < 0 ? -6 : 4) : x(delay);
  return markup`<text class="tick" x="${at}" y="${PLOT.bottom + 18}" text-anchor="middle">${text}</text>`;
}
