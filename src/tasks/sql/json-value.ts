import type { Json } from "../../core/json.ts";

/** Digits that a double keeps exactly, whatever they are. */
const EXACT_DIGITS = 15;

/** A decimal number as JSON: a number where no digit is lost, else the text. */
export function exactNumber(text: string): number | string {
  const digits = text
    .replace(/^[+-]?0*/, "")
    .replace(".", "")
    .replace(/e.*$/i, "");
  const number = Number(text);
  if (Number.isSafeInteger(number) && !text.includes(".")) return number;
  return digits.length <= EXACT_DIGITS && Number.isFinite(number) ? number : text;
}

/** An integer as JSON: a number where it is exact, else its digits. */
export function exactInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** NaN and the infinities have no JSON number; they stay visible as text. */
export function floatValue(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

/** Bytes as Base64. */
export function bytesValue(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** `2024-01-31 10:00:00.5` as `2024-01-31T10:00:00.5`; a zone at the end becomes `Z` when it is UTC. */
export function isoTimestamp(text: string): string {
  return text.replace(" ", "T").replace(/[+-]00(?::?00)?$/, "Z");
}

/** Rows of any database keep to this: a name that appears twice would lose a column without a word. */
export function rowOf(names: readonly string[], values: readonly Json[]): Readonly<Record<string, Json>> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
}

/** Throws when two columns of a result have one name. */
export function checkColumnNames(names: readonly string[]): void {
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double === undefined) return;
  throw new Error(`Two columns of the result are called "${double}". Rename one: select … as other_name.`);
}
