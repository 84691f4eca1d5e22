import type { Json } from "../../core/json.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { bytesValue, exactInteger, exactNumber, floatValue, isoTimestamp } from "./json-value.ts";

/** Object ids of PostgreSQL's own types; they never change. */
const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  timestamp: 1114,
  timestamptz: 1184,
  numeric: 1700,
  jsonb: 3802,
} as const;

/** Type of an array -> type of its elements. Arrays of other types are read as arrays of text. */
const ELEMENTS = new Map<number, number>([
  [199, OID.json],
  [1000, OID.bool],
  [1005, OID.int2],
  [1007, OID.int4],
  [1009, 25],
  [1014, 1042],
  [1015, 1043],
  [1016, OID.int8],
  [1021, OID.float4],
  [1022, OID.float8],
  [1115, OID.timestamp],
  [1182, 1082],
  [1185, OID.timestamptz],
  [1231, OID.numeric],
  [2951, 2950],
  [3807, OID.jsonb],
]);

/** Reads the text form of a PostgreSQL array into texts, nulls and lists of them. */
export type ArrayReader = (text: string) => unknown;

/** A value of PostgreSQL, in its text form, as JSON. What has no closer form stays text: dates, UUIDs, ranges. */
export function postgresJson(text: string | null, type: number, readArray: ArrayReader): Json {
  if (text === null) return null;
  const element = ELEMENTS.get(type);
  if (element !== undefined) return arrayJson(readArray(text), element, readArray);
  switch (type) {
    case OID.bool:
      return text === "t";
    case OID.int2:
    case OID.int4:
    case OID.int8:
    case OID.oid:
      return exactInteger(BigInt(text));
    case OID.float4:
    case OID.float8:
      return floatValue(Number(text));
    case OID.numeric:
      return exactNumber(text);
    case OID.json:
    case OID.jsonb:
      return parseJson(text);
    case OID.timestamp:
    case OID.timestamptz:
      return isoTimestamp(text);
    case OID.bytea:
      return bytesValue(Buffer.from(text.slice(2), "hex"));
    default:
      return text;
  }
}

function arrayJson(value: unknown, element: number, readArray: ArrayReader): Json {
  if (Array.isArray(value)) return value.map((item) => arrayJson(item, element, readArray));
  return postgresJson(typeof value === "string" ? value : null, element, readArray);
}
