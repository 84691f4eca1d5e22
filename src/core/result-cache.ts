import type { DataInterval } from "./instant.ts";
import type { Json } from "./json.ts";
import type { TaskRunState } from "./state.ts";
import type { StoredValue } from "./value.ts";

/** Results of a task that are kept and taken again, as data. */
export interface CacheSpec {
  /** How long a result is good for; absent = as long as its key is the same. */
  readonly ttlMs?: number;
  /** Beside code and task: all inputs and parameters, the values at some paths, or what a function of the user says. */
  readonly key: "inputs" | "function" | readonly string[];
}

/** What a key is made from. */
export interface CacheFacts {
  readonly project: string;
  readonly pipeline: string;
  readonly task: string;
  /** Names the code: the hash of the version's sources. */
  readonly versionHash: string;
  readonly input: Readonly<Record<string, CacheInput>>;
  /** Names the item that a task run of a map is for. */
  readonly item?: Json;
  readonly params: Json;
  readonly ds: string;
  readonly interval: DataInterval;
}

interface CacheInput {
  readonly state: TaskRunState;
  readonly value?: StoredValue;
  /** Of a mapped upstream. */
  readonly mapped?: object;
}

export type CacheKeyParts =
  /** Equal parts mean an equal result; the key is a hash of their canonical JSON. */
  | { readonly kind: "known"; readonly parts: Json }
  /** The key cannot be computed, so nothing is looked up and nothing kept. */
  | { readonly kind: "unknown"; readonly why: string };

/** The parts of a task's key. `answered` is what the key function said. */
export function cacheKeyParts({ key }: CacheSpec, facts: CacheFacts, answered?: Json): CacheKeyParts {
  const { project, pipeline, task, versionHash, item } = facts;
  const asked =
    key === "function" ? known(answered ?? null) : key === "inputs" ? allInputs(facts) : atPaths(key, facts);
  if (asked.kind === "unknown") return asked;
  return known({
    project,
    pipeline,
    task,
    code: versionHash,
    by: typeof key === "string" ? key : "paths",
    of: asked.parts,
    // A key function has seen the item; what is not in the key would be taken for what it is not.
    ...(item === undefined || key === "function" ? {} : { item }),
  });
}

/** What is wrong with a path of a key, before anything runs; undefined when nothing is. */
export function cachePathProblem(path: string, inputs: readonly string[]): string | undefined {
  const [root = "", first] = path.split(".");
  if (PLAIN_PATHS.includes(path) || path === "params" || root === "params") return undefined;
  if (root === "input" && first !== undefined) {
    return inputs.includes(first) ? undefined : `names the input "${first}", which the task does not have`;
  }
  return `is no path: write params.NAME, input.NAME, ${PLAIN_PATHS.join(", ")}`;
}

const PLAIN_PATHS: readonly string[] = ["ds", "interval.start", "interval.end"];

function allInputs({ input, params }: CacheFacts): CacheKeyParts {
  const values: Record<string, Json> = {};
  for (const [name, { value, mapped }] of Object.entries(input)) {
    if (value === undefined) return withoutValue(name, mapped);
    values[name] = contentOf(value);
  }
  return known({ input: values, params });
}

function atPaths(paths: readonly string[], facts: CacheFacts): CacheKeyParts {
  const values: Record<string, Json> = {};
  for (const path of paths) {
    const found = atPath(path, facts);
    if (found.kind === "unknown") return found;
    values[path] = found.parts;
  }
  return known(values);
}

function atPath(path: string, { params, input, ds, interval }: CacheFacts): CacheKeyParts {
  if (path === "ds") return known(ds);
  const [root, ...names] = path.split(".");
  if (root === "interval") return known(names[0] === "start" ? interval.start : interval.end);
  if (root === "params") return within(params, names, path);
  const [name = "", ...inner] = names;
  const { value, mapped } = input[name] ?? {};
  if (value === undefined) return withoutValue(name, mapped);
  if (inner.length === 0) return known(contentOf(value));
  if (value.kind === "blob") return unknown(`input "${name}" is too large to look for ${path} in it`);
  return within(JSON.parse(value.json) as Json, inner, path);
}

function withoutValue(name: string, mapped: object | undefined): CacheKeyParts {
  if (mapped === undefined) return unknown(`input "${name}" has no value`);
  return unknown(`input "${name}" is all that a map has given, which is not compared`);
}

function within(value: Json, names: readonly string[], path: string): CacheKeyParts {
  let at: Json | undefined = value;
  for (const name of names) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return unknown(`${path} is not there`);
    at = (at as Readonly<Record<string, Json>>)[name];
  }
  return known(at ?? null);
}

/** A large value is named by its content already. */
function contentOf(value: StoredValue): Json {
  return value.kind === "inline" ? { json: value.json } : { sha256: value.hash };
}

function known(parts: Json): CacheKeyParts {
  return { kind: "known", parts };
}

function unknown(why: string): CacheKeyParts {
  return { kind: "unknown", why };
}
