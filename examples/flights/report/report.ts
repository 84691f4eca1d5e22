import { airportMap } from "./airport-map.ts";
import { airportRanking, mostDelayed, RANKED_FLIGHTS_MIN } from "./airport-ranking.ts";
import type { DayFigures, RouteFigures } from "./day-figures.ts";
import { LATE_MINUTES } from "./day-figures.ts";
import { bandClass, DELAY_BANDS } from "./delay-band.ts";
import { delayHistogram } from "./delay-histogram.ts";
import { FEW_FLIGHTS, hourChart } from "./hour-chart.ts";
import { type Markup, markup } from "./markup.ts";
import { REPORT_STYLE } from "./report-style.ts";
import { statePaths, type Topology } from "./us-states.ts";
import { hourSpan, hoursAndMinutes, longDay, minutes, percent, whole } from "./wording.ts";

/**
 * The report of one day as one HTML document: no script, no request to anywhere, every chart inline. Equal figures
 * give the equal text.
 */
export function renderReport(figures: DayFigures, states: Topology): string {
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Flight delays · ${longDay(figures.day)}</title>
<style>${{ html: REPORT_STYLE }}</style>
</head>
<body>
<main>
${heading(figures)}
${keyFigures(figures)}
${mapCard(figures, states)}
<div class="pair">
${hourCard(figures)}
${histogramCard(figures)}
${rankingCard(figures)}
${routeCard(figures)}
</div>
${footer()}
</main>
</body>
</html>
`;
  return document.html;
}

function heading(figures: DayFigures): Markup {
  return markup`<header>
<p class="kicker">US domestic flights</p>
<h1>${longDay(figures.day)}</h1>
<p class="lead">${leadSentence(figures)}</p>
</header>`;
}

/** Says in words what the page shows, from the numbers of this day. */
function leadSentence(figures: DayFigures): string {
  const share = percent(figures.lateFlights / figures.flights);
  const late = `${share} of ${whole(figures.flights)} flights arrived ${LATE_MINUTES} minutes late or more.`;
  const airport = mostDelayed(figures.airports)[0];
  const hour = worstHourOf(figures);
  if (airport === undefined || hour === undefined) return late;
  const where = `for flights from ${airport.city} (${minutes(airport.meanDelay)} on average)`;
  const when = `for those that left between ${hourSpan(hour.hour)} (${minutes(hour.meanDelay)})`;
  return `${late} Delays were longest ${where} and ${when}.`;
}

/** Of an hour with fewer flights than this share of the day the mean says little. */
const HOUR_SHARE_MIN = 0.01;

function worstHourOf(figures: DayFigures) {
  return figures.hours
    .filter((hour) => hour.flights >= HOUR_SHARE_MIN * figures.flights)
    .toSorted((one, other) => other.meanDelay - one.meanDelay)[0];
}

function keyFigures(figures: DayFigures): Markup {
  return markup`<dl class="tiles">
${tile("Flights", whole(figures.flights), `${whole(figures.airports.length)} airports, ${whole(figures.routeCount)} routes`)}
${tile("Mean delay", minutes(figures.meanDelay), `median ${minutes(figures.medianDelay)}`)}
${tile("Arrived late", percent(figures.lateFlights / figures.flights), `${whole(figures.lateFlights)} flights, ${LATE_MINUTES} min or more`)}
${tile("Longest delay", hoursAndMinutes(figures.worst.delay), `${figures.worst.origin} to ${figures.worst.destination}`)}
</dl>`;
}

function tile(name: string, value: string, detail: string): Markup {
  return markup`<div><dt>${name}</dt><dd><b>${value}</b><span>${detail}</span></dd></div>`;
}

function mapCard(figures: DayFigures, states: Topology): Markup {
  return markup`<section class="card">
<h2>Delay by airport</h2>
<p class="about">Mean arrival delay by airport of departure. The area of a circle shows its number of flights.</p>
${legend()}
${airportMap(figures.airports, statePaths(states))}
</section>`;
}

function legend(): Markup {
  const entries = DELAY_BANDS.map((band) => markup`<li><i class="${band.className}"></i>${band.label}</li>`);
  return markup`<ul class="legend">${entries}</ul>`;
}

function hourCard(figures: DayFigures): Markup {
  const faint = figures.hours.some((hour) => hour.flights < FEW_FLIGHTS);
  return markup`<section class="card bottom">
<h2>Delay by hour</h2>
<p class="about">Mean arrival delay by the hour in which the flight left${faint ? `; faint columns have fewer than ${FEW_FLIGHTS} flights` : ""}.</p>
${hourChart(figures.hours)}
</section>`;
}

function histogramCard(figures: DayFigures): Markup {
  return markup`<section class="card bottom">
<h2>How late the flights were</h2>
<p class="about">Number of flights in steps of five minutes.</p>
${delayHistogram(figures.delays, figures.lateFlights / figures.flights)}
</section>`;
}

function rankingCard(figures: DayFigures): Markup {
  return markup`<section class="card">
<h2>Airports with the longest delays</h2>
<p class="about">Mean arrival delay of the flights that left there; airports with ${RANKED_FLIGHTS_MIN} departures or more.</p>
${airportRanking(figures.airports)}
</section>`;
}

function routeCard(figures: DayFigures): Markup {
  return markup`<section class="card">
<h2>Routes with the longest delays</h2>
<p class="about">Routes with five flights or more that day.</p>
<table>
<thead><tr><th>Route</th><th class="number">Flights</th><th class="number">Late</th><th class="number">Mean delay</th></tr></thead>
<tbody>${figures.routes.map(routeRow)}</tbody>
</table>
</section>`;
}

function routeRow(route: RouteFigures): Markup {
  return markup`<tr><td><b>${route.origin} → ${route.destination}</b><span>${route.originCity} to ${route.destinationCity}</span></td>
<td class="number">${whole(route.flights)}</td><td class="number">${whole(route.lateFlights)}</td>
<td class="number"><i class="${bandClass(route.meanDelay)}"></i>${minutes(route.meanDelay)}</td></tr>
`;
}

function footer(): Markup {
  return markup`<footer>
<p>Made by the pipeline <b>flights</b> with <b>Batuta</b>. Times of departure are actual and local to the airport; cancelled flights are not in the data.</p>
<p>Source: US Bureau of Transportation Statistics, on-time performance 2001, as sampled in the npm package vega-datasets.</p>
</footer>`;
}
