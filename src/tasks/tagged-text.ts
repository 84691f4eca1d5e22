import type { Json } from "../core/json.ts";
import { BatutaError } from "../core/problem.ts";
import { parseTemplate } from "../core/template.ts";
import { describe } from "../sdk/option-values.ts";

/**
 * The text of a tagged template such as shell`load --day {{ ds }} --region ${region}`. What JavaScript puts in by
 * `${…}` is a value like any other: it becomes a placeholder too, and never part of the program.
 */
export interface TaggedText {
  readonly text: string;
  /** Placeholder -> the value that JavaScript put in. */
  readonly values: Readonly<Record<string, Json>>;
}

/**
 * What may stand in `${…}`.
 *
 * @example
 * const region: Interpolated = "eu";
 * task("load", shell`load --region ${region}`);
 */
export type Interpolated = string | number | boolean | null;

const VALUE_PREFIX = "batuta_value_";

/** Text and values with `{{ }}` placeholders in place of what JavaScript put in. */
export function taggedText(strings: TemplateStringsArray, interpolated: readonly unknown[]): TaggedText {
  const values: Record<string, Json> = {};
  const text = joinTagged(strings, interpolated, (value, index) => {
    const name = `${VALUE_PREFIX}${index + 1}`;
    values[name] = value;
    return `{{ ${name} }}`;
  });
  return { text, values };
}

/**
 * Reads backslashes as they are written, for shells and regular expressions have their own use for them; only a
 * backtick and `${` need one. Indentation that all lines share, and empty lines at both ends, are taken away.
 */
export function joinTagged(
  strings: TemplateStringsArray,
  interpolated: readonly unknown[],
  show: (value: Interpolated, index: number) => string,
): string {
  let text = "";
  for (const [index, raw] of strings.raw.entries()) {
    text += raw.replace(/\\(`|\$\{)/g, "$1");
    if (index < interpolated.length) text += show(checked(interpolated[index], index), index);
  }
  return dedent(text);
}

function checked(value: unknown, index: number): Interpolated {
  if (isInterpolated(value)) return value;
  throw new BatutaError("invalid_definition", `Value ${index + 1} in \${…} is ${describe(value)}.`, {
    hint: "Put in text, a number, a boolean or null. What a task returned is not known yet: use a function task for it.",
  });
}

function isInterpolated(value: unknown): value is Interpolated {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

export function plainText(text: string): TaggedText {
  return { text, values: {} };
}

export function isTemplateStrings(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && "raw" in value;
}

/** The text as a template that yields it: its own braces are no placeholders. */
export function literalTemplate(text: string): string {
  return text.replaceAll("{{", "{{ '{{' }}");
}

export function hasPlaceholder(text: string): boolean {
  return parseTemplate(text).parts.some((part) => part.kind === "placeholder");
}

function dedent(text: string): string {
  const lines = text
    .replace(/^[ \t]*\n/, "")
    .replace(/\n[ \t]*$/, "\n")
    .split("\n");
  const indents = lines.filter((line) => line.trim() !== "").map((line) => /^[ \t]*/.exec(line)?.[0].length ?? 0);
  const shared = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line) => line.slice(Math.min(shared, line.length))).join("\n");
}
