import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SOURCES } from "../day-files.ts";
import type { AirportFigures, DayFigures } from "./day-figures.ts";
import { renderReport } from "./report.ts";
import type { Topology } from "./us-states.ts";

const STATES: Topology = JSON.parse(readFileSync(SOURCES.states, "utf8"));

it("is one well-formed document that asks nobody for anything", () => {
  const html = renderReport(figures(), STATES);
  expect(unclosedTags(html)).toEqual([]);
  expect(html).not.toMatch(/<script|https?:|url\(|@import|\bsrc=|\bhref=/);
});

it("shows the numbers of the day", () => {
  const html = renderReport(figures(), STATES);
  for (const text of ["Friday, 15 June 2001", "1,200", "12.5 min", "25.0 %", "5 h 10 min", "ORD → LGA", "Chicago"]) {
    expect(html).toContain(text);
  }
  expect(html).toContain("left between 17:00 and 18:00\nmean delay 30.0 min, 700 flights");
});

it("gives the equal text for equal figures", () => {
  expect(renderReport(figures(), STATES)).toBe(renderReport(figures(), STATES));
});

it("escapes what the data says", () => {
  const hostile = `"><script>alert('1')</script>&`;
  const html = renderReport(figures({ airports: [airport({ name: hostile, city: hostile })] }), STATES);
  expect(html).not.toContain("<script");
  expect(html).toContain("&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;");
  expect(unclosedTags(html)).toEqual([]);
});

it("can draw a day on which every flight was early, and one with a single small airport", () => {
  const early = figures({
    meanDelay: -4,
    hours: [{ hour: 4, flights: 3, meanDelay: -4 }],
    airports: [airport({ flights: 3, meanDelay: -4 })],
    delays: [{ delay: -4, flights: 3 }],
    routes: [],
  });
  const html = renderReport(early, STATES);
  expect(html).toContain("−4.0 min");
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
  expect(unclosedTags(html)).toEqual([]);
});

function figures(changes: Partial<DayFigures> = {}): DayFigures {
  return {
    day: "2001-06-15",
    flights: 1_200,
    lateFlights: 300,
    meanDelay: 12.5,
    medianDelay: 3,
    worst: { delay: 310, origin: "ORD", destination: "LGA" },
    routeCount: 2,
    hours: [
      { hour: 3, flights: 2, meanDelay: 90 },
      { hour: 9, flights: 498, meanDelay: -2 },
      { hour: 17, flights: 700, meanDelay: 30 },
    ],
    airports: [airport(), airport({ airport: "ANC", city: "Anchorage", latitude: 61.2, longitude: -150, flights: 80 })],
    routes: [
      {
        origin: "ORD",
        originCity: "Chicago",
        destination: "LGA",
        destinationCity: "New York",
        flights: 20,
        lateFlights: 12,
        meanDelay: 75,
      },
    ],
    delays: [
      { delay: -10, flights: 800 },
      { delay: 310, flights: 400 },
    ],
    ...changes,
  };
}

function airport(changes: Partial<AirportFigures> = {}): AirportFigures {
  return {
    airport: "ORD",
    name: "O'Hare",
    city: "Chicago",
    state: "IL",
    latitude: 41.98,
    longitude: -87.9,
    flights: 1_120,
    lateFlights: 290,
    meanDelay: 13,
    ...changes,
  };
}

const VOID_TAGS = new Set(["meta", "!doctype"]);

/** Walks through all tags: each closing one must close the last that is open. Gives what is wrong; nothing is good. */
function unclosedTags(document: string): readonly string[] {
  const html = document.replace(/(<style>)[^<]*/, "$1");
  const open: string[] = [];
  for (const [tag, closing, name = "", end] of html.matchAll(/<(\/?)([!a-z][a-z0-9]*)(?:[^<>"]|"[^"]*")*?(\/?)>/gi)) {
    if (VOID_TAGS.has(name.toLowerCase()) || end === "/") continue;
    if (closing === "") open.push(name);
    else if (open.pop() !== name) return [`${tag} closes nothing`];
  }
  const strayBrackets = html.replaceAll(/<\/?[!a-z][a-z0-9]*(?:[^<>"]|"[^"]*")*>/gi, "").match(/<|>/g) ?? [];
  return [...open, ...strayBrackets];
}
