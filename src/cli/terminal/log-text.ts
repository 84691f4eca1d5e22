import type { RunLogLine } from "../run-log.ts";
import { formatTimeOfDay } from "./instant-text.ts";
import type { Colors } from "./output.ts";
import { padEnd, safeLogLine } from "./text-width.ts";

/** How lines of a log are shown. */
export interface LogStyle {
  readonly colors: Colors;
  /** A person looks at it: whatever a line could do to the terminal is taken out. */
  readonly isTty: boolean;
  readonly timestamps: boolean;
  /** Say which task a line comes from, in a column so wide; absent = do not. */
  readonly taskWidth?: number;
  /** Say which attempt a line comes from. */
  readonly attempts: boolean;
}

/** One line of a log for people: `03:04:05.678  load#2 │ WARN  slow`. */
export function logText(line: RunLogLine, style: LogStyle): string {
  const { colors } = style;
  const time = style.timestamps ? `${colors.dim(formatTimeOfDay(line.at))} ` : "";
  const attempt = style.attempts ? `#${line.attempt}` : "";
  const name = style.taskWidth === undefined ? attempt : padEnd(`${line.task}${attempt}`, style.taskWidth);
  const source = name === "" ? "" : `${colorOf(line.task, colors)(name)} ${colors.dim("│")} `;
  return `${time}${source}${level(line, colors)}${style.isTty ? safeLogLine(line.text) : line.text}`;
}

/** The width that `taskWidth` needs to be for these names. */
export function sourceWidth(names: readonly string[], attempts: boolean): number {
  const widest = names.reduce((width, name) => Math.max(width, name.length), 0);
  return Math.min(widest, SOURCE_WIDTH_MAX) + (attempts ? 2 : 0);
}

const SOURCE_WIDTH_MAX = 40;

function level({ tag }: RunLogLine, colors: Colors): string {
  switch (tag) {
    case "warn":
      return `${colors.yellow("WARN")}  `;
    case "error":
      return `${colors.red("ERROR")} `;
    case "debug":
      return `${colors.dim("DEBUG")} `;
    case "batuta":
      return `${colors.dim("batuta:")} `;
    default:
      return "";
  }
}

/** Equal for all lines of a task, and mostly different between neighbours. */
function colorOf(task: string, colors: Colors): (text: string) => string {
  let sum = 0;
  for (const character of task) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
  const palette = [colors.cyan, colors.magenta, colors.blue, colors.green, colors.yellow];
  return palette[sum % palette.length] ?? colors.cyan;
}
