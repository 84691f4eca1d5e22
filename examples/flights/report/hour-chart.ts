import { type Plot, placeAxisTitle, valueAxisTitle, valueGrid } from "./axis.ts";
import type { HourFigures } from "./day-figures.ts";
import { bandClass } from "./delay-band.ts";
import { type Markup, markup } from "./markup.ts";
import { linearScale, roundTicks, type Scale } from "./scale.ts";
import { hourSpan, minutes, twoDigits, whole } from "./wording.ts";

const WIDTH = 520;
const HEIGHT = 380;
const DELAYS: Plot = { left: 44, right: 516, top: 30, bottom: 228 };
const FLIGHTS: Plot = { left: 44, right: 516, top: 282, bottom: 336 };
const GAP = 3;

/** Below this the mean says little, so its column is drawn faint. */
export const FEW_FLIGHTS = 20;

/** Mean delay by hour of departure, and under it, on the same axis, how many flights left in that hour. */
export function hourChart(hours: readonly HourFigures[]): Markup {
  return markup`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Mean arrival delay and number of flights by hour of departure">
    ${delayPanel(hours)}
    ${flightsPanel(hours)}
    ${Array.from({ length: 8 }, (_, index) => hourTick(index * 3))}
    ${placeAxisTitle(FLIGHTS, HEIGHT - 6, "hour of departure, local time")}
  </svg>`;
}

function delayPanel(hours: readonly HourFigures[]): Markup {
  const means = hours.map((hour) => hour.meanDelay);
  const lowest = Math.min(0, ...means);
  const ticks = roundTicks(lowest, Math.max(10, ...means), 4);
  const scale = panelScale(DELAYS, lowest, ticks);
  const columns = hours.map((hour) => {
    const faint = hour.flights < FEW_FLIGHTS ? " faint" : "";
    return column({ hour, value: hour.meanDelay, className: bandClass(hour.meanDelay) + faint }, scale);
  });
  return markup`${valueGrid(DELAYS, ticks, scale)}${valueAxisTitle(DELAYS, "mean delay, minutes")}<g>${columns}</g>`;
}

function flightsPanel(hours: readonly HourFigures[]): Markup {
  const ticks = roundTicks(0, Math.max(1, ...hours.map((hour) => hour.flights)), 2);
  const scale = panelScale(FLIGHTS, 0, ticks);
  const columns = hours.map((hour) => column({ hour, value: hour.flights, className: "quiet" }, scale));
  return markup`${valueGrid(FLIGHTS, ticks, scale)}${valueAxisTitle(FLIGHTS, "flights")}<g>${columns}</g>`;
}

function panelScale(plot: Plot, lowest: number, ticks: readonly number[]): Scale {
  return linearScale([lowest, ticks[ticks.length - 1] ?? 1], [plot.bottom, plot.top]);
}

interface Column {
  readonly hour: HourFigures;
  readonly value: number;
  readonly className: string;
}

function column({ hour, value, className }: Column, scale: Scale): Markup {
  const top = Math.min(scale(value), scale(0));
  // A value that is there is never drawn as nothing.
  const height = Math.max(1.5, Math.abs(scale(value) - scale(0)));
  const x = hourLeft(hour.hour) + GAP / 2;
  return markup`<rect class="${className}" x="${x}" y="${top}" width="${HOUR_WIDTH - GAP}" height="${height}" rx="2"><title>left between ${hourSpan(hour.hour)}
mean delay ${minutes(hour.meanDelay)}, ${whole(hour.flights)} flights</title></rect>
`;
}

const HOUR_WIDTH = (DELAYS.right - DELAYS.left) / 24;

function hourLeft(hour: number): number {
  return DELAYS.left + hour * HOUR_WIDTH;
}

function hourTick(hour: number): Markup {
  const x = hourLeft(hour) + HOUR_WIDTH / 2;
  return markup`<text class="tick" x="${x}" y="${FLIGHTS.bottom + 18}" text-anchor="middle">${twoDigits(hour)}</text>`;
}
