import { join } from "node:path";
import { closestName } from "../../core/closest-name.ts";
import type { SourceLocation } from "../../core/manifest.ts";
import type { PoolLimit } from "../../core/pool-limit.ts";
import { BatutaError } from "../../core/problem.ts";
import type { Files } from "../../ports/files.ts";
import { codeFrame } from "./code-frame.ts";
import { isLimit, LIMIT_MAX, POOL_NAME, poolsOf } from "./pool-settings.ts";

export const SETTINGS_FILE = "batuta.json";

/** What `batuta.json` says. Every field may be left out. */
export interface ProjectSettings {
  readonly name?: string;
  /** The folder with pipeline files, relative to the project folder. */
  readonly pipelines: string;
  /** Folders and files, relative to the project folder, that are no sources. */
  readonly exclude: readonly string[];
  /** Name of a connection -> its URL, or `$ENV_VAR`. */
  readonly connections: Readonly<Record<string, string>>;
  readonly pools: Readonly<Record<string, PoolLimit>>;
  /** Tag -> how many tasks that carry it may run at the same time. */
  readonly tagLimits: Readonly<Record<string, number>>;
}

const DEFAULTS: ProjectSettings = { pipelines: "pipelines", exclude: [], connections: {}, pools: {}, tagLimits: {} };
const FIELDS = ["$schema", "name", "pipelines", "exclude", "connections", "pools", "tagLimits"];
const NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/;
const CONNECTION_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** Reads the project's settings; a folder without the file has the defaults. Throws `invalid_definition`. */
export function readSettings(dir: string, files: Pick<Files, "readText" | "exists">): ProjectSettings {
  const path = join(dir, SETTINGS_FILE);
  if (!files.exists(path)) return DEFAULTS;
  const text = files.readText(path);
  const fields = parse(text);
  const fail = (field: string, wanted: string): never => {
    throw settingsError(text, field, `\`${field}\` is ${shown(fields.get(field))}.`, wanted);
  };
  for (const field of fields.keys()) {
    if (FIELDS.includes(field)) continue;
    const meant = closestName(field, FIELDS);
    const hint = meant === undefined ? `Known settings: ${FIELDS.join(", ")}.` : `Did you mean \`${meant}\`?`;
    throw settingsError(text, field, `Unknown setting \`${field}\`.`, hint);
  }
  const {
    name,
    pipelines = DEFAULTS.pipelines,
    exclude = [],
    connections = {},
    pools = {},
    tagLimits = {},
  } = Object.fromEntries(fields);
  if (name !== undefined && !(isText(name) && NAME.test(name))) {
    return fail("name", "Use letters, digits, _, . and -, at most 100 of them.");
  }
  if (!isText(pipelines) || !isRelative(pipelines)) return fail("pipelines", 'Name a folder, such as "pipelines".');
  if (!isTextList(exclude) || !exclude.every(isRelative)) {
    return fail("exclude", 'List folders and files of the project: ["data"].');
  }
  if (!isTextMap(connections)) return fail("connections", 'Write { "warehouse": "duckdb:warehouse.duckdb" }.');
  const readPools = poolsOf(pools);
  if (readPools === undefined) {
    return fail(
      "pools",
      `Write { "warehouse": 4 }, or for a pool { "slots": 4, "countDeferred": true, "runOnlyBetween": { "days": "mon-fri", "from": "22:00", "to": "06:00", "timezone": "Europe/Berlin" } }. ${LIMIT_RULE}`,
    );
  }
  if (!isLimitMap(tagLimits)) return fail("tagLimits", `Write { "heavy": 2 }. ${LIMIT_RULE}`);
  return {
    ...(name === undefined ? {} : { name }),
    pipelines: slashed(pipelines),
    exclude: exclude.map(slashed),
    connections,
    pools: readPools,
    tagLimits,
  };
}

function parse(text: string): ReadonlyMap<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw settingsProblem(`${SETTINGS_FILE} is not JSON: ${why}.`, placeInJson(text, why), text, "Mend it there.");
  }
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return new Map(Object.entries(parsed));
  throw settingsProblem(
    `${SETTINGS_FILE} holds no object.`,
    { file: SETTINGS_FILE, line: 1 },
    text,
    'Write { "name": "…" }.',
  );
}

/** V8 says where by line and column, or by the position of a character, or not at all. */
function placeInJson(text: string, why: string): SourceLocation {
  const lineAndColumn = /line (\d+) column (\d+)/.exec(why);
  if (lineAndColumn !== null) {
    return { file: SETTINGS_FILE, line: Number(lineAndColumn[1]), column: Number(lineAndColumn[2]) };
  }
  const position = /position (\d+)/.exec(why)?.[1];
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split("\n");
  return { file: SETTINGS_FILE, line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

function settingsError(text: string, field: string, message: string, hint: string): BatutaError {
  const lines = text.split("\n");
  const index = lines.findIndex((line) => line.includes(JSON.stringify(field)));
  const column = (lines[index] ?? "").indexOf(JSON.stringify(field)) + 1;
  return settingsProblem(`${SETTINGS_FILE}: ${message}`, { file: SETTINGS_FILE, line: index + 1, column }, text, hint);
}

function settingsProblem(message: string, location: SourceLocation, text: string, hint: string): BatutaError {
  return new BatutaError("invalid_definition", message, { location, hint, codeFrame: codeFrame(text, location) });
}

function isRelative(path: string): boolean {
  return !path.startsWith("/") && !path.split(/[\\/]/).includes("..") && !/^[A-Za-z]:/.test(path);
}

function slashed(path: string): string {
  return path.replaceAll("\\", "/").replace(/^\.\//, "").replace(/\/+$/, "");
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, url]) => CONNECTION_NAME.test(name) && isText(url));
}

function isLimitMap(value: unknown): value is Readonly<Record<string, number>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, slots]) => POOL_NAME.test(name) && isLimit(slots));
}

const LIMIT_RULE = `Names begin with a letter; limits are whole numbers from 0 to ${LIMIT_MAX}.`;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
