import type { AirportFigures } from "./day-figures.ts";
import { bandClass } from "./delay-band.ts";
import { type Markup, markup } from "./markup.ts";
import { linearScale, type Scale } from "./scale.ts";
import { minutes, percent, whole } from "./wording.ts";

const WIDTH = 520;
const ROW_HEIGHT = 36;
const NAME_WIDTH = 176;
const VALUE_WIDTH = 74;
const ROWS_MAX = 12;

/** Smaller airports are left out of the ranking: a few flights make a mean by chance. */
export const RANKED_FLIGHTS_MIN = 50;

export function mostDelayed(airports: readonly AirportFigures[]): readonly AirportFigures[] {
  return airports
    .filter((airport) => airport.flights >= RANKED_FLIGHTS_MIN)
    .toSorted((one, other) => other.meanDelay - one.meanDelay)
    .slice(0, ROWS_MAX);
}

/** The airports whose departures arrived latest, as bars with their values written beside them. */
export function airportRanking(airports: readonly AirportFigures[]): Markup {
  const ranked = mostDelayed(airports);
  const longest = Math.max(1, ...ranked.map((airport) => airport.meanDelay));
  const scale = linearScale([0, longest], [0, WIDTH - NAME_WIDTH - VALUE_WIDTH]);
  return markup`<svg class="chart" viewBox="0 0 ${WIDTH} ${ranked.length * ROW_HEIGHT}" role="img" aria-label="Airports with the longest mean delay">
    ${ranked.map((airport, index) => row(airport, index, scale))}
  </svg>`;
}

function row(airport: AirportFigures, index: number, scale: Scale): Markup {
  const middle = index * ROW_HEIGHT + ROW_HEIGHT / 2;
  const width = Math.max(1.5, scale(airport.meanDelay));
  return markup`<g><title>${airport.name}, ${airport.city}, ${airport.state}
${whole(airport.flights)} departures, ${percent(airport.lateFlights / airport.flights)} late</title>
    <text class="code" x="0" y="${middle + 5}">${airport.airport}</text>
    <text class="name" x="46" y="${middle + 5}">${shortened(airport.city)}</text>
    <rect class="${bandClass(airport.meanDelay)}" x="${NAME_WIDTH}" y="${middle - 8.5}" width="${width}" height="17" rx="3"/>
    <text class="value" x="${NAME_WIDTH + width + 8}" y="${middle + 5}">${minutes(airport.meanDelay)}</text></g>
`;
}

const NAME_LENGTH_MAX = 16;

function shortened(name: string): string {
  return name.length <= NAME_LENGTH_MAX ? name : `${name.slice(0, NAME_LENGTH_MAX - 1).trimEnd()}…`;
}
