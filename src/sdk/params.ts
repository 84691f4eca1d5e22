import type { Json } from "../core/json.ts";
import type { SourceLocation } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { definitionError } from "./call-site.ts";

/**
 * The part of a zod object that Batuta uses: the Standard Schema interface and the JSON Schema it can write of itself.
 * The user brings the schema; the SDK imports no schema library.
 *
 * @example
 * const params: ParamsSchema = z.object({ region: z.enum(["eu", "us"]).default("eu") });
 */
export interface ParamsSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
  toJSONSchema?(options?: { io?: "input" | "output"; unrepresentable?: "any" | "throw" }): object;
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** JSON Schema of the raw parameters, as given on a command line: those with a default are optional. */
export function paramsJsonSchema(schema: unknown, pipeline: string, at: SourceLocation): Json {
  if (!isParamsSchema(schema)) {
    const hint = 'Give a zod object: params: z.object({ region: z.string().default("eu") }).';
    throw definitionError(`\`params\` of pipeline "${pipeline}" is no schema.`, at, hint);
  }
  if (schema.toJSONSchema === undefined) {
    const hint = "Install zod 4.2 or newer: npm install zod@latest.";
    throw definitionError(`\`params\` of pipeline "${pipeline}" cannot be written as JSON Schema.`, at, hint);
  }
  const json: Json = JSON.parse(JSON.stringify(schema.toJSONSchema({ io: "input", unrepresentable: "any" })));
  if (typeof json === "object" && json !== null && "type" in json && json.type === "object") return json;
  const hint = "Parameters have names: wrap the schema in z.object({ … }).";
  throw definitionError(`\`params\` of pipeline "${pipeline}" is not a schema of an object.`, at, hint);
}

/** Validates and completes raw parameters. The result is what tasks see: plain JSON. */
export function parseParams(schema: ParamsSchema | undefined, pipeline: string, raw: unknown): Json {
  if (schema === undefined) return refuseParams(pipeline, raw);
  const result = schema["~standard"].validate(raw);
  if (result instanceof Promise) {
    throw new BatutaError("invalid_params", `The parameters of pipeline "${pipeline}" need an asynchronous check.`, {
      hint: "Checks of parameters are synchronous: move what must wait into a task.",
    });
  }
  if (result.issues !== undefined) throw invalidParams(pipeline, result.issues);
  return toJson(result.value, pipeline);
}

function isParamsSchema(candidate: unknown): candidate is ParamsSchema {
  return (
    typeof candidate === "object" &&
    candidate !== null &&
    "~standard" in candidate &&
    typeof candidate["~standard"] === "object"
  );
}

function refuseParams(pipeline: string, raw: unknown): Json {
  const names = typeof raw === "object" && raw !== null ? Object.keys(raw) : [];
  if (names.length === 0) return {};
  throw new BatutaError("invalid_params", `Pipeline "${pipeline}" takes no parameters, but got ${names.join(", ")}.`, {
    hint: "Leave them out, or declare them: params: z.object({ … }).",
  });
}

function invalidParams(pipeline: string, issues: readonly SchemaIssue[]): BatutaError {
  const lines = issues.map((issue) => `${issuePath(issue)}: ${issue.message}`);
  return new BatutaError("invalid_params", `Parameters of pipeline "${pipeline}": ${lines.join("; ")}.`, {
    hint: `See what it takes: batuta show ${pipeline}. Give one with --param name=value.`,
  });
}

function issuePath(issue: SchemaIssue): string {
  const keys = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return keys.length === 0 ? "all" : keys.join(".");
}

function toJson(value: unknown, pipeline: string): Json {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BatutaError("invalid_params", `The parameters of pipeline "${pipeline}" are not JSON: ${why}.`, {
      hint: "Parameters reach tasks as JSON: let the schema give strings, numbers, booleans, lists and objects.",
    });
  }
}
