import { BatutaError } from "./problem.ts";

const UNIT_MS = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["sec", 1_000],
  ["second", 1_000],
  ["seconds", 1_000],
  ["m", 60_000],
  ["min", 60_000],
  ["minute", 60_000],
  ["minutes", 60_000],
  ["h", 3_600_000],
  ["hour", 3_600_000],
  ["hours", 3_600_000],
  ["d", 86_400_000],
  ["day", 86_400_000],
  ["days", 86_400_000],
  ["w", 604_800_000],
  ["week", 604_800_000],
  ["weeks", 604_800_000],
]);

const LONGEST_MS = 100 * 365 * 86_400_000;

const WHOLE = /^\s*(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/;
const PART = /(\d+(?:\.\d+)?)\s*([a-z]+)/g;

/**
 * Milliseconds of a length of time: `"30s"`, `"1.5h"`, `"2h 30m"`, `"250ms"`, `"1d"`, `"24 hours"`, or a number of milliseconds.
 * Throws `invalid_definition` on anything else; `what` names the setting in the error.
 */
export function parseDuration(duration: string | number, what = "duration"): number {
  const ms = typeof duration === "number" ? duration : sumOfParts(duration);
  if (ms === undefined || !Number.isFinite(ms) || ms < 0) throw notADuration(duration, what);
  if (ms > LONGEST_MS) {
    throw new BatutaError("invalid_definition", `The ${what} ${JSON.stringify(duration)} is longer than 100 years.`, {
      hint: "Leave the setting out if there is no limit.",
    });
  }
  return Math.round(ms);
}

/** For people: `250 ms`, `1.2 s`, `42 s`, `3 min 05 s`, `2 h 07 min`, `3 d 04 h`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole} ms`;
  if (whole < 9_950) return `${(whole / 1_000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return inTwo(seconds, 60, ["min", "s"]);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return inTwo(minutes, 60, ["h", "min"]);
  return inTwo(Math.floor(minutes / 60), 24, ["d", "h"]);
}

function sumOfParts(text: unknown): number | undefined {
  if (typeof text !== "string" || !WHOLE.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(PART)) {
    const unitMs = UNIT_MS.get(unit ?? "");
    if (unitMs === undefined) return undefined;
    ms += Number(amount) * unitMs;
  }
  return ms;
}

function notADuration(duration: unknown, what: string): BatutaError {
  return new BatutaError("invalid_definition", `The ${what} ${shown(duration)} is not a length of time.`, {
    hint: 'Write it like "250ms", "30s", "15m", "1.5h", "2h 30m" or "1d", or as a number of milliseconds.',
  });
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function inTwo(amount: number, base: number, [large, small]: readonly [string, string]): string {
  return `${Math.floor(amount / base)} ${large} ${String(amount % base).padStart(2, "0")} ${small}`;
}
