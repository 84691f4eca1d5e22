import { inspect } from "node:util";
import type { Json } from "../../core/json.ts";
import type { TaskLog } from "../../core/task-context.ts";
import { encodeLogLine } from "./messages.ts";

/** `context.log`: the message, and its fields as JSON behind it. */
export function taskLog(send: (line: string) => void): TaskLog {
  const at =
    (level: string) =>
    (message: string, fields?: Record<string, Json>): void =>
      send(encodeLogLine(level, cut(fields === undefined ? String(message) : `${message} ${shown(fields)}`)));
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Readers of logs show no longer line, and a message to Batuta has its limit. */
const LINE_CHARACTERS_MAX = 1024 * 1024;

function cut(text: string): string {
  if (text.length <= LINE_CHARACTERS_MAX) return text;
  return `${text.slice(0, LINE_CHARACTERS_MAX)}… (${text.length} characters)`;
}

/** What JSON cannot hold is shown all the same: a log line must never fail a task. */
function shown(fields: unknown): string {
  try {
    return JSON.stringify(fields) ?? "";
  } catch {
    return inspect(fields, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
  }
}
