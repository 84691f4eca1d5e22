import type { Json } from "../../core/json.ts";
import type { AttemptOrder } from "../executor.ts";
import type { TaskMessage } from "./task-message.ts";

/** What `dagster_pipes` calls the context: written to a file for the program to read. */
export function pipesContext({ task, runId, pipeline, ds, interval, attempt, params }: AttemptOrder): string {
  const keys = task.outputs.map(({ key }) => key);
  const nothingFor = Object.fromEntries(keys.map((key) => [key, null]));
  const isAsset = keys.length > 0;
  return JSON.stringify({
    asset_keys: isAsset ? keys : null,
    code_version_by_asset_key: isAsset ? nothingFor : null,
    provenance_by_asset_key: isAsset ? nothingFor : null,
    partition_key: ds,
    partition_key_range: { start: ds, end: ds },
    partition_time_window: {
      start: new Date(interval.start).toISOString(),
      end: new Date(interval.end).toISOString(),
    },
    run_id: runId,
    job_name: pipeline,
    retry_number: attempt - 1,
    extras: typeof params === "object" && params !== null && !Array.isArray(params) ? params : {},
  });
}

type Fields = { readonly [name: string]: Json | undefined };

/** A message of the Dagster Pipes protocol, as one of Batuta's; undefined when it says nothing that Batuta keeps. */
export function fromPipesMessage(method: Json | undefined, params: Fields): TaskMessage | undefined {
  switch (method) {
    case "opened":
      return { type: "heartbeat" };
    case "closed":
      return isFields(params.exception) ? exceptionMessage(params.exception) : { type: "heartbeat" };
    case "log":
      return { type: "log", level: pipesLevel(params.level), message: textOf(params.message) };
    case "log_external_stream":
      return { type: "log", level: "info", message: textOf(params.text).replace(/\n$/, "") };
    case "report_asset_materialization":
      return materialisation(params);
    case "report_asset_check":
      return check(params);
    case "report_custom_message":
      return { type: "log", level: "info", message: `custom message ${JSON.stringify(params.payload ?? null)}` };
    default:
      return undefined;
  }
}

function materialisation({ asset_key, metadata, data_version }: Fields): TaskMessage {
  const values = { ...rawValues(metadata), ...(typeof data_version === "string" ? { data_version } : {}) };
  return {
    type: "materialisation",
    ...(typeof asset_key === "string" ? { asset: asset_key } : {}),
    ...(Object.keys(values).length === 0 ? {} : { metadata: values }),
  };
}

function check({ check_name, passed, severity, asset_key, metadata }: Fields): TaskMessage {
  return {
    type: "check",
    name: textOf(check_name),
    passed: passed === true,
    severity: severity === "WARN" ? "warn" : "error",
    ...(typeof asset_key === "string" ? { asset: asset_key } : {}),
    ...(isFields(metadata) ? { metadata: rawValues(metadata) } : {}),
  };
}

/** Metadata values come as `{ type, raw_value }`. */
function rawValues(metadata: Json | undefined): { readonly [name: string]: Json | undefined } {
  if (!isFields(metadata)) return {};
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [
      name,
      isFields(value) && "raw_value" in value ? value.raw_value : value,
    ]),
  );
}

function exceptionMessage({ name, message, stack }: Fields): TaskMessage {
  const lines = Array.isArray(stack) ? stack.map(textOf).join("") : "";
  return {
    type: "exception",
    ...(typeof name === "string" ? { name } : {}),
    message: textOf(message),
    ...(lines === "" ? {} : { stack: lines }),
  };
}

function pipesLevel(level: Json | undefined): string {
  const name = textOf(level).toLowerCase();
  return name === "warning" ? "warn" : name === "critical" ? "error" : name;
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}
