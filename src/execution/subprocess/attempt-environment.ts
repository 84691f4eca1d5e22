import { deflateSync } from "node:zlib";
import { compactInstant, type Instant } from "../../core/instant.ts";
import { lastItem } from "../../core/map-path.ts";
import { connectionVariable } from "../connections.ts";
import type { AttemptOrder } from "../executor.ts";
import { PROCESS_VARIABLE } from "../process-tree.ts";
import { SESSION_VARIABLE } from "../session-watchdog.ts";
import type { AttemptFiles } from "./attempt-files.ts";

export interface EnvironmentParts {
  readonly order: AttemptOrder;
  readonly files: AttemptFiles;
  /** Folder of the attempt. */
  readonly folder: string;
  readonly rootDir: string;
  readonly projectDir: string;
  readonly sessionId: string;
  readonly mark: string;
  readonly connections: Readonly<Record<string, string>>;
}

/** What a subprocess finds in its environment: where it is, and how to speak. */
export function attemptEnvironment(parts: EnvironmentParts): Readonly<Record<string, string>> {
  const { order, files, folder, rootDir, projectDir, sessionId, mark, connections } = parts;
  return {
    [SESSION_VARIABLE]: sessionId,
    [PROCESS_VARIABLE]: mark,
    BATUTA_RUN_ID: order.runId,
    BATUTA_PIPELINE: order.pipeline,
    BATUTA_TASK: order.task.name,
    BATUTA_MAP_KEY: order.mapKey,
    BATUTA_ATTEMPT: String(order.attempt),
    BATUTA_TRIGGER: order.trigger,
    ...intervalVariables(order),
    BATUTA_PARAMS: JSON.stringify(order.params),
    BATUTA_IDEMPOTENCY_KEY: order.idempotencyKey,
    BATUTA_INPUT_FILE: files.input,
    BATUTA_MESSAGES: files.messages,
    BATUTA_TEMP_DIR: folder,
    BATUTA_VERSION_DIR: rootDir,
    BATUTA_PROJECT_DIR: projectDir,
    ...(files.events === undefined ? {} : { BATUTA_EVENTS_FILE: files.events }),
    ...itemVariables(order, files),
    ...(order.cursor === undefined ? {} : { BATUTA_CURSOR: order.cursor.json }),
    ...connectionVariables(connections),
    DAGSTER_PIPES_CONTEXT: pipesParam({ path: files.dagsterContext }),
    DAGSTER_PIPES_MESSAGES: pipesParam({ path: files.messages }),
    // Python keeps lines back when its output is a pipe: the log would be late, and lost with a killed process.
    PYTHONUNBUFFERED: "1",
  };
}

/** What does not exist is empty: a variable that is not set would be that of a task in which all this runs. */
function intervalVariables(order: AttemptOrder): Record<string, string> {
  const { interval, isPartial, schedule, timezone, ds, lastSuccess } = order;
  const text = (instant: Instant | undefined): string => (instant === undefined ? "" : new Date(instant).toISOString());
  return {
    BATUTA_DS: ds,
    BATUTA_DS_NODASH: ds.replaceAll("-", ""),
    BATUTA_TS: text(interval.start),
    BATUTA_TS_NODASH: compactInstant(interval.start),
    BATUTA_INTERVAL_START: text(interval.start),
    BATUTA_INTERVAL_END: text(interval.end),
    BATUTA_INTERVAL_PARTIAL: String(isPartial ?? false),
    BATUTA_TIMEZONE: timezone,
    BATUTA_SCHEDULE: schedule?.name ?? "",
    BATUTA_PREV_SUCCESS_START: text(lastSuccess?.interval.start),
    BATUTA_PREV_SUCCESS_END: text(lastSuccess?.interval.end),
    BATUTA_PREV_SUCCESS_DS: lastSuccess?.ds ?? "",
    BATUTA_PREV_SUCCESS_RUN_ID: lastSuccess?.runId ?? "",
  };
}

/** Linux refuses a longer variable: a large item is in its file alone. */
const ITEM_BYTES_MAX = 64 * 1024;

function itemVariables({ mapKey }: AttemptOrder, { item }: AttemptFiles): Record<string, string> {
  if (item === undefined) return {};
  const { path, json } = item;
  return {
    BATUTA_INDEX: String(lastItem(mapKey) ?? 0),
    BATUTA_ITEM_FILE: path,
    ...(Buffer.byteLength(json) > ITEM_BYTES_MAX ? {} : { BATUTA_ITEM: json }),
  };
}

function connectionVariables(connections: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(connections).map(([name, value]) => [connectionVariable(name), value]));
}

/** As `dagster_pipes.encode_param` does: JSON, compressed, in base64. */
function pipesParam(value: { readonly path: string }): string {
  return deflateSync(JSON.stringify(value)).toString("base64");
}
