import type { DuckDBValue } from "@duckdb/node-api";
import type { Json } from "../../core/json.ts";
import { bytesValue, exactInteger, exactNumber, floatValue, isoTimestamp } from "./json-value.ts";

/**
 * A value of DuckDB as JSON. Its classes are told apart by their fields: the package is imported lazily, and there may
 * be two copies of it.
 */
export function duckDbJson(value: DuckDBValue): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return floatValue(value);
  if (typeof value === "bigint") return exactInteger(value);
  if ("items" in value) return value.items.map(duckDbJson);
  if ("bytes" in value) return bytesValue(value.bytes);
  if ("scale" in value) return exactNumber(value.toString());
  if ("entries" in value) return entriesJson(value.entries);
  if ("tag" in value) return duckDbJson(value.value);
  return momentText(value);
}

/** Dates, times, intervals and the like write themselves; instants in UTC, whatever the zone of this machine. */
function momentText(value: Exclude<DuckDBValue, string | number | boolean | bigint | null>): string {
  const { name } = value.constructor;
  if (name === "DuckDBTimestampTZValue" && "micros" in value) return instantText(value.micros) ?? value.toString();
  return name.startsWith("DuckDBTimestamp") ? isoTimestamp(value.toString()) : value.toString();
}

/** ISO 8601, with as many digits of a second as there are; undefined for what no date can be. */
function instantText(micros: bigint): string | undefined {
  const fraction = ((micros % SECOND_MICROS) + SECOND_MICROS) % SECOND_MICROS;
  const date = new Date(Number((micros - fraction) / 1_000n));
  if (Number.isNaN(date.getTime())) return undefined;
  const digits = String(fraction).padStart(6, "0").replace(/0+$/, "");
  return date.toISOString().replace(/\.000Z$/, digits === "" ? "Z" : `.${digits}Z`);
}

const SECOND_MICROS = 1_000_000n;

/** A struct has an object of entries; a map has a list of them, whose keys may be anything. */
function entriesJson(
  entries:
    | Readonly<Record<string, DuckDBValue>>
    | readonly { readonly key: DuckDBValue; readonly value: DuckDBValue }[],
): Json {
  const pairs: readonly (readonly [string, DuckDBValue])[] = isMapEntries(entries)
    ? entries.map(({ key, value }) => [keyText(key), value])
    : Object.entries(entries);
  return Object.fromEntries(pairs.map(([name, value]) => [name, duckDbJson(value)]));
}

function isMapEntries(
  entries: object,
): entries is readonly { readonly key: DuckDBValue; readonly value: DuckDBValue }[] {
  return Array.isArray(entries);
}

function keyText(key: DuckDBValue): string {
  const json = duckDbJson(key);
  return typeof json === "string" ? json : JSON.stringify(json);
}
