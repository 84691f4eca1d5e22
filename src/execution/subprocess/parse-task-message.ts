import type { Json } from "../../core/json.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { fromPipesMessage } from "./dagster-pipes.ts";
import type { TaskMessage } from "./task-message.ts";

export type ParsedMessage =
  | { readonly ok: true; readonly message: TaskMessage }
  | { readonly ok: false; readonly problem: string };

/** Reads one line. Nothing that a program writes is fatal: what cannot be read is named, and goes to the log. */
export function parseTaskMessage(line: string): ParsedMessage {
  let fields: Json;
  try {
    fields = parseJson(line);
  } catch {
    return { ok: false, problem: `no JSON: ${excerpt(line)}` };
  }
  if (!isFields(fields)) return { ok: false, problem: `no object: ${excerpt(line)}` };
  const message = "__dagster_pipes_version" in fields ? pipes(fields) : own(fields);
  return message === undefined ? { ok: false, problem: `of no known form: ${excerpt(line)}` } : { ok: true, message };
}

type Fields = { readonly [name: string]: Json | undefined };

function pipes({ method, params }: Fields): TaskMessage | undefined {
  return fromPipesMessage(method, isFields(params) ? params : {});
}

function own(fields: Fields): TaskMessage | undefined {
  const { value, metadata } = fields;
  const asset = typeof fields.asset === "string" ? { asset: fields.asset } : {};
  const details = metadata === undefined ? {} : { metadata };
  switch (fields.type) {
    case "log":
      return logMessage(fields);
    case "metric":
      if (typeof fields.name !== "string" || value === undefined) return undefined;
      return {
        type: "metric",
        name: fields.name,
        value,
        ...(typeof fields.unit === "string" ? { unit: fields.unit } : {}),
      };
    case "materialisation":
    case "materialization":
      return { type: "materialisation", ...asset, ...details };
    case "check":
      if (typeof fields.name !== "string" || typeof fields.passed !== "boolean") return undefined;
      return {
        type: "check",
        name: fields.name,
        passed: fields.passed,
        severity: severityOf(fields),
        ...asset,
        ...details,
      };
    case "output":
      return { type: "output", value: value ?? null };
    case "cursor":
      return value === undefined ? undefined : { type: "cursor", value };
    case "heartbeat":
      return { type: "heartbeat" };
    default:
      return undefined;
  }
}

function logMessage({ level, message, fields }: Fields): TaskMessage | undefined {
  if (typeof message !== "string") return undefined;
  return {
    type: "log",
    level: typeof level === "string" ? level : "info",
    message,
    ...(fields === undefined ? {} : { fields }),
  };
}

function severityOf({ severity }: Fields): "warn" | "error" {
  return severity === "warn" ? "warn" : "error";
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const EXCERPT_CHARACTERS = 200;

function excerpt(line: string): string {
  return line.length <= EXCERPT_CHARACTERS ? line : `${line.slice(0, EXCERPT_CHARACTERS)}…`;
}
