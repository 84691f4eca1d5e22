import type { Instant } from "../../core/instant.ts";

/**
 * Where a line comes from: what the task printed (`out`, `err`), what it said with `log` (a level), or what Batuta has
 * to say of the log itself.
 */
export type LogTag = "out" | "err" | LogLevel | "batuta";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** One line of an attempt's log. In the file: `<at> <tag>[+] <text>`, where `+` means that the line goes on. */
export interface LogLine {
  readonly at: Instant;
  readonly tag: LogTag;
  readonly text: string;
  /** The next line with this tag belongs to the same line of output: it was long, or slow to come. */
  readonly continued: boolean;
}

/** What stands before the text of a line. */
export function linePrefix(at: Instant, tag: LogTag, continued: boolean): string {
  return `${at} ${tag}${continued ? "+" : ""} `;
}

/** A line that was torn by a full disk or a crash is shown as it is. */
export function parseLogLine(text: string): LogLine {
  const match = LINE.exec(text);
  const tag = TAGS.find((known) => known === match?.[2]);
  if (match === null || tag === undefined) return { at: 0, tag: "batuta", text, continued: false };
  return { at: Number(match[1]), tag, text: text.slice(match[0].length), continued: match[3] === "+" };
}

const LINE = /^(\d{1,16}) ([a-z]+)(\+?) /;
const TAGS: readonly LogTag[] = ["out", "err", "debug", "info", "warn", "error", "batuta"];
