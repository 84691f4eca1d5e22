import type { Json } from "../core/json.ts";
import { BatutaError } from "../core/problem.ts";
import { didYouMean } from "./did-you-mean.ts";

/** What the user wrote about parameters. */
export interface ParameterOptions {
  /** `--param name=value`, in order. */
  readonly param: readonly string[];
  /** `--params`: the JSON text itself, or of the file it named. */
  readonly json?: string;
}

/**
 * Turns the command line into raw parameters for the pipeline's own schema: a text becomes a number, a boolean, a list
 * or an object where the JSON Schema asks for one. Whether the values are right is for the schema to say; here only an
 * unknown name and broken JSON are refused.
 */
export function readParameters(schema: Json | undefined, options: ParameterOptions): Readonly<Record<string, Json>> {
  const root = new SchemaReader(schema);
  const values: Record<string, Json> = { ...wholeObject(options.json) };
  const repeated = new Map<string, string[]>();
  for (const pair of options.param) {
    const [name, text] = splitPair(pair);
    repeated.set(name, [...(repeated.get(name) ?? []), text]);
  }
  for (const [name, texts] of repeated) values[name] = coerce(name, texts, root);
  refuseUnknown(Object.keys(values), root);
  return values;
}

function wholeObject(text: string | undefined): Readonly<Record<string, Json>> {
  if (text === undefined) return {};
  const value = parseJson(text, "--params");
  if (!isObject(value)) {
    throw new BatutaError("invalid_params", "--params is not a JSON object.", {
      hint: `Write it like --params '{"region":"eu"}', or --params @file.json.`,
    });
  }
  return withoutUndefined(value);
}

function splitPair(pair: string): readonly [string, string] {
  const at = pair.indexOf("=");
  if (at <= 0) {
    throw new BatutaError("usage", `--param ${pair} names no value.`, { hint: "Write --param name=value." });
  }
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function refuseUnknown(names: readonly string[], root: SchemaReader): void {
  const known = root.names();
  for (const name of names) {
    if (known.includes(name) || root.takesOthers) continue;
    const list = known.length === 0 ? "This pipeline takes no parameters." : `It takes: ${known.join(", ")}.`;
    throw new BatutaError("invalid_params", `There is no parameter "${name}".`, {
      hint: `${didYouMean(name, known)}${list}`,
    });
  }
}

function coerce(name: string, texts: readonly string[], root: SchemaReader): Json {
  const wanted = root.property(name);
  const [first = ""] = texts;
  if (texts.length === 1) return coerceText(name, first, wanted);
  if (!wanted.types().includes("array")) {
    throw new BatutaError("usage", `--param ${name} is given ${texts.length} times, but it is not a list.`, {
      hint: "Give it once.",
    });
  }
  return texts.map((text) => coerceText(name, text, wanted.items()));
}

function coerceText(name: string, text: string, wanted: SchemaReader): Json {
  const types = wanted.types();
  if (types.includes("null") && text === "null") return null;
  if (types.includes("boolean") && (text === "true" || text === "false")) return text === "true";
  if (types.some((type) => type === "number" || type === "integer") && NUMBER.test(text.trim())) return Number(text);
  const structured = types.filter((type) => type === "array" || type === "object");
  if (structured.length === 0) return text;
  if (/^\s*[[{]/.test(text)) return parseJson(text, `--param ${name}`);
  // One word for a list is a list of one, as repeating the option would make it.
  if (structured.includes("array") && !types.includes("string")) return [coerceText(name, text, wanted.items())];
  return text;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

function parseJson(text: string, where: string): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BatutaError("invalid_params", `${where} is not valid JSON: ${reason}`, {
      hint: "Put single quotes around the JSON, so that the shell leaves it alone.",
    });
  }
}

/** Reads as much of JSON Schema as zod writes: types, properties, items, alternatives and local references. */
class SchemaReader {
  readonly #schema: Json | undefined;
  readonly #root: Json | undefined;

  constructor(schema: Json | undefined, root: Json | undefined = schema) {
    this.#root = root;
    this.#schema = resolved(schema, root);
  }

  /** Every JSON type a value may have; empty when the schema does not say. */
  types(): readonly string[] {
    const type = this.#field("type");
    const own = typeof type === "string" ? [type] : isArray(type) ? type.filter(isText) : [];
    return [...own, ...this.#ofConstants(), ...this.#parts().flatMap((part) => part.types())];
  }

  names(): readonly string[] {
    const properties = this.#field("properties");
    const own = isObject(properties) ? Object.keys(properties) : [];
    return [...new Set([...own, ...this.#parts().flatMap((part) => part.names())])];
  }

  property(name: string): SchemaReader {
    const properties = this.#field("properties");
    if (isObject(properties) && Object.hasOwn(properties, name)) return this.#of(properties[name]);
    const part = this.#parts().find((candidate) => candidate.names().includes(name));
    return part?.property(name) ?? this.#of(this.#field("additionalProperties"));
  }

  items(): SchemaReader {
    const items = this.#field("items");
    if (items !== undefined) return this.#of(items);
    return (
      this.#parts()
        .find((part) => part.types().includes("array"))
        ?.items() ?? this.#of(undefined)
    );
  }

  /** Names that are not listed are values too, as in `z.record` and loose objects. */
  get takesOthers(): boolean {
    return isObject(this.#field("additionalProperties")) || this.#parts().some((part) => part.takesOthers);
  }

  #parts(): readonly SchemaReader[] {
    return ["anyOf", "oneOf", "allOf"].flatMap((keyword) => {
      const parts = this.#field(keyword);
      return isArray(parts) ? parts.map((part) => this.#of(part)) : [];
    });
  }

  #ofConstants(): readonly string[] {
    const listed = this.#field("enum");
    const constant = this.#field("const");
    const values = [...(isArray(listed) ? listed : []), ...(constant === undefined ? [] : [constant])];
    return values.map((value) => (value === null ? "null" : typeof value));
  }

  #field(name: string): Json | undefined {
    return isObject(this.#schema) ? this.#schema[name] : undefined;
  }

  #of(schema: Json | undefined): SchemaReader {
    return new SchemaReader(schema, this.#root);
  }
}

/** Follows `#/$defs/name` and the like; a circle of references ends as "anything". */
function resolved(schema: Json | undefined, root: Json | undefined): Json | undefined {
  let current = schema;
  for (let hop = 0; hop < REFERENCE_HOPS_MAX; hop++) {
    const reference: Json | undefined = isObject(current) ? current.$ref : undefined;
    if (typeof reference !== "string") return current;
    current = reference
      .split("/")
      .slice(1)
      .reduce<Json | undefined>(
        (at, key) => (isObject(at) ? at[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
        root,
      );
  }
  return undefined;
}

const REFERENCE_HOPS_MAX = 20;

function isObject(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !isArray(value);
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isText(value: Json): value is string {
  return typeof value === "string";
}

function withoutUndefined(value: { readonly [key: string]: Json | undefined }): Record<string, Json> {
  const entries = Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [[key, entry] as const]));
  return Object.fromEntries(entries);
}
