/** What must hold for each joined flight. `broken` is the SQL condition of a row that breaks the rule. */
export interface FlightRule {
  readonly name: string;
  readonly broken: string;
  /** Share of the day's rows that may break it before the day is refused; the rest is reported as a warning. */
  readonly allowedShare: number;
}

export const FLIGHT_RULES: readonly FlightRule[] = [
  {
    name: "origin, destination and time of departure are there",
    broken: "origin is null or destination is null or departed_at is null",
    allowedShare: 0,
  },
  { name: "the flight left on this day", broken: "departed_at::date <> day", allowedShare: 0 },
  {
    name: "both airports are known",
    broken: "origin_latitude is null or destination_city is null",
    allowedShare: 0,
  },
  { name: "the delay is known", broken: "delay is null", allowedShare: 0.02 },
  // The source has three flights in half a year that "arrived" up to 19 hours early: worth a warning, not a stop.
  { name: "at most 2 hours early and 24 hours late", broken: "delay < -120 or delay > 1440", allowedShare: 0.001 },
  { name: "at most 2 days off schedule", broken: "abs(delay) > 2880", allowedShare: 0 },
  {
    name: "between 10 and 6,000 miles long",
    broken: "distance is null or distance < 10 or distance > 6000",
    allowedShare: 0,
  },
];

/** A full day has 14,000 to 18,000 flights; fewer than half of that means a file that is cut off. */
export const FLIGHTS_MIN = 7_000;
export const FLIGHTS_MAX = 40_000;
export const AIRPORTS_MIN = 180;
