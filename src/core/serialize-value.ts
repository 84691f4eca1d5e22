import type { Json } from "./json.ts";
import { VALUE_BYTES_MAX } from "./value.ts";

export type Serialized =
  | {
      readonly ok: true;
      readonly json: string;
      /** Of the JSON text in UTF-8. */
      readonly bytes: number;
    }
  | {
      readonly ok: false;
      /** `$` is the value itself: `$.rows[3].total`. */
      readonly path: string;
      /** What is there, to go after the path: "is a BigInt". */
      readonly problem: string;
      readonly hint: string;
    };

/** Deeper nesting is a mistake, and readers in other languages refuse it. */
export const NESTING_MAX = 1_000;

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/**
 * JSON text of a value, or the path to the first thing in it that JSON cannot keep: a circle, a BigInt, a function or
 * symbol, NaN, an object of a class without `toJSON`, an invalid date, or more than `VALUE_BYTES_MAX`. `undefined` alone
 * is `null`; fields that are `undefined` are left out.
 */
export function toJsonText(value: unknown): Serialized {
  if (value === undefined) return { ok: true, json: "null", bytes: 4 };
  const inspection = new Inspection();
  try {
    inspection.visit(value, "");
    const json = JSON.stringify(value) ?? "null";
    const bytes = utf8Bytes(json);
    if (bytes > VALUE_BYTES_MAX) throw tooLarge();
    return { ok: true, json, bytes };
  } catch (error) {
    const unfit = error instanceof Unfit ? error : unfitFrom(error);
    const path = pathText(unfit.path ?? inspection.path());
    return { ok: false, path, problem: unfit.message, hint: unfit.hint };
  }
}

/** Parses JSON text; keys called `__proto__` are dropped. Throws `SyntaxError` for what is not JSON. */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text);
  // Most texts cannot hold such a key, not even written with escapes, and are spared the walk.
  if (/__proto__|\\u00[567]/i.test(text)) dropProtoKeys(value);
  return value;
}

type Key = string | number;

class Unfit extends Error {
  readonly hint: string;
  /** Where it is, when that is not the place being visited. */
  readonly path: readonly Key[] | undefined;

  constructor(problem: string, hint: string, path?: readonly Key[]) {
    super(problem);
    this.hint = hint;
    this.path = path;
  }
}

/** One walk over a value, before it is written. Keeps the path as it goes, so that nothing is built unless it fails. */
class Inspection {
  readonly #keys: Key[] = [];
  readonly #holders: unknown[] = [];
  #depth = 0;
  /** At least so many bytes the JSON text will have. */
  #bytesMin = 0;

  path(): readonly Key[] {
    return this.#keys.slice(0, this.#depth);
  }

  /** @param key under which the value stands in its holder */
  visit(value: unknown, key: Key): void {
    if (typeof value === "string") this.#weigh(value.length + 2);
    else if (typeof value === "number") this.#visitNumber(value);
    else if (typeof value === "object" && value !== null) this.#visitObject(value, key);
    else if (typeof value === "bigint")
      throw new Unfit("is a BigInt", "Convert it with String(value) or Number(value).");
    else if (typeof value === "function" || typeof value === "symbol") {
      throw new Unfit(`is a ${typeof value}`, "Return data only.");
    } else if (value !== undefined) this.#weigh(4);
  }

  #visitNumber(value: number): void {
    if (!Number.isFinite(value)) throw new Unfit(`is ${value}, which JSON cannot hold`, "Return null instead.");
    this.#weigh(1);
  }

  /** What `toJSON` gives is written as it is: its own `toJSON` is not asked. */
  #visitObject(value: object, key: Key): void {
    const written = hasToJson(value) ? value.toJSON(String(key)) : value;
    if (value instanceof Date && written === null) throw new Unfit("is an invalid date", "Check it before returning.");
    if (typeof written !== "object" || written === null) {
      this.visit(written, key);
      return;
    }
    this.#enter(written);
    if (isRecord(written)) this.#visitFields(written);
    else if (Array.isArray(written)) this.#visitArray(written);
    this.#depth -= 1;
  }

  #visitArray(items: readonly unknown[]): void {
    this.#weigh(items.length + 1);
    for (let index = 0; index < items.length; index++) {
      this.#keys[this.#depth - 1] = index;
      this.visit(items[index], index);
    }
  }

  #visitFields(holder: Readonly<Record<string, unknown>>): void {
    requirePlain(holder);
    this.#weigh(2);
    for (const key of Object.keys(holder)) {
      this.#keys[this.#depth - 1] = key;
      this.#weigh(key.length + 3);
      this.visit(holder[key], key);
    }
  }

  #enter(holder: object): void {
    this.#holders[this.#depth] = holder;
    this.#depth += 1;
    if (this.#depth > NESTING_MAX) throw this.#tooDeep();
  }

  /** A circle is only looked for where nesting never ends, which spares a look-up for each object. */
  #tooDeep(): Unfit {
    const seen = new Map<unknown, number>();
    for (const [depth, holder] of this.#holders.entries()) {
      const before = seen.get(holder);
      if (before !== undefined) {
        const target = pathText(this.#keys.slice(0, before));
        const hint = "Return the data without the reference back.";
        return new Unfit(`refers back to ${target}, in a circle`, hint, this.#keys.slice(0, depth));
      }
      seen.set(holder, depth);
    }
    return new Unfit(`is nested more than ${NESTING_MAX} deep`, "Return a flatter value.", []);
  }

  #weigh(bytes: number): void {
    this.#bytesMin += bytes;
    if (this.#bytesMin > VALUE_BYTES_MAX) throw tooLarge();
  }
}

function hasToJson(value: object): value is { toJSON(key: string): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

function isRecord(value: object): value is Record<string, unknown> {
  return !Array.isArray(value);
}

/** Plain are objects made by `{}`, by `JSON.parse`, or without prototype, of whatever realm. */
function requirePlain(holder: object): void {
  const prototype: unknown = Object.getPrototypeOf(holder);
  if (prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null) return;
  const name = Object.prototype.toString.call(holder).slice(8, -1);
  const hint = HINTS.get(name) ?? "Return a plain object with the fields that dependants need.";
  throw new Unfit(`is ${withArticle(className(prototype) ?? name)}, which JSON does not keep`, hint);
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ["Map", "Return Object.fromEntries(map) or [...map]."],
  ["Set", "Return [...set]."],
  ["Error", "Throw it, or return its message."],
  ["Promise", "Await it first."],
  ["Uint8Array", "Write bytes to a file and return its path, or return them as base64 text."],
]);

function className(prototype: unknown): string | undefined {
  if (typeof prototype !== "object" || prototype === null) return undefined;
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof maker === "function" && maker.name !== "" ? maker.name : undefined;
}

function withArticle(name: string): string {
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

function tooLarge(): Unfit {
  const limit = `${VALUE_BYTES_MAX / 2 ** 20} MiB`;
  return new Unfit(`is larger than ${limit} as JSON`, "Write the data to a file or table and return where it is.", []);
}

/** A getter or `toJSON` of the user threw, or the text grew beyond what a string can hold. */
function unfitFrom(error: unknown): Unfit {
  if (error instanceof RangeError && error.message.includes("string length")) return tooLarge();
  const message = error instanceof Error ? error.message : String(error);
  return new Unfit(`cannot be read: ${message}`, "Return plain data.");
}

function pathText(keys: readonly Key[]): string {
  const steps = keys.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  });
  return `$${steps.join("")}`;
}

function utf8Bytes(text: string): number {
  if (!/[^\0-\x7f]/.test(text)) return text.length;
  let bytes = 0;
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position);
    // A surrogate is half of a pair, and a pair has four bytes; lone ones JSON writes as escapes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 2 : 3;
  }
  return bytes;
}

function dropProtoKeys(value: Json): void {
  const open: unknown[] = [value];
  for (let holder = open.pop(); holder !== undefined; holder = open.pop()) {
    if (typeof holder !== "object" || holder === null) continue;
    Reflect.deleteProperty(holder, "__proto__");
    for (const held of Object.values(holder)) open.push(held ?? null);
  }
}
