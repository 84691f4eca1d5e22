import { MAP_HEIGHT, MAP_WIDTH, type Point, projectUsa } from "./albers-usa.ts";
import type { AirportFigures } from "./day-figures.ts";
import { bandClass } from "./delay-band.ts";
import { type Markup, markup } from "./markup.ts";
import { minutes, percent, whole } from "./wording.ts";

const RADIUS_MAX = 22;
const RADIUS_MIN = 2.5;
const LABELS_MAX = 10;
const LABELLED_FLIGHTS_MIN = 50;

/** The United States with a circle for each airport: its area shows the flights, its colour the mean delay. */
export function airportMap(airports: readonly AirportFigures[], statePaths: readonly string[]): Markup {
  const busiest = Math.max(1, ...airports.map((airport) => airport.flights));
  const spots = airports
    .toSorted((one, other) => other.flights - one.flights)
    .map((airport) => spotOf(airport, busiest));
  return markup`<svg class="map" viewBox="0 0 ${MAP_WIDTH} ${MAP_HEIGHT}" role="img" aria-label="Map of the United States with the mean arrival delay by airport of departure">
    <g class="states">${statePaths.map((path) => markup`<path d="${path}"/>`)}</g>
    <g class="airports">${spots.map(circle)}</g>
    <g class="labels">${labelledSpots(spots).map(label)}</g>
  </svg>`;
}

interface Spot {
  readonly airport: AirportFigures;
  readonly at: Point;
  readonly radius: number;
}

function spotOf(airport: AirportFigures, busiest: number): Spot {
  const radius = Math.max(RADIUS_MIN, RADIUS_MAX * Math.sqrt(airport.flights / busiest));
  return { airport, at: projectUsa(airport.longitude, airport.latitude), radius };
}

function circle({ airport, at, radius }: Spot): Markup {
  return markup`<circle class="${bandClass(airport.meanDelay)}" cx="${at[0]}" cy="${at[1]}" r="${radius}"><title>${airport.airport} · ${airport.name}, ${airport.city}
${whole(airport.flights)} departures, mean delay ${minutes(airport.meanDelay)}, ${percent(airport.lateFlights / airport.flights)} late</title></circle>
`;
}

/** The airports that lost most time get their code, as long as it does not cover one that is already there. */
function labelledSpots(spots: readonly Spot[]): readonly Spot[] {
  const chosen: Spot[] = [];
  const candidates = spots.filter((spot) => spot.airport.flights >= LABELLED_FLIGHTS_MIN);
  for (const spot of candidates.toSorted((one, other) => lostMinutes(other) - lostMinutes(one))) {
    if (chosen.length === LABELS_MAX) break;
    if (chosen.every((other) => !labelsCollide(spot, other))) chosen.push(spot);
  }
  return chosen;
}

function lostMinutes({ airport }: Spot): number {
  return airport.flights * airport.meanDelay;
}

function labelsCollide(one: Spot, other: Spot): boolean {
  return Math.abs(one.at[0] - other.at[0]) < 62 && Math.abs(labelTop(one) - labelTop(other)) < 30;
}

function label(spot: Spot): Markup {
  return markup`<text x="${spot.at[0]}" y="${labelTop(spot)}">${spot.airport.airport}</text>`;
}

function labelTop(spot: Spot): number {
  return spot.at[1] - spot.radius - 4;
}
