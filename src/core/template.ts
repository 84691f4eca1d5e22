import { whyAbsent } from "./absent-name.ts";
import { ownName } from "./airflow-names.ts";
import { closestName } from "./closest-name.ts";
import type { Json } from "./json.ts";
import { BatutaError } from "./problem.ts";

/**
 * Text with placeholders: `{{ ds }}`, `{{ interval.start }}`, `{{ params.region }}`. A placeholder is a name and nothing
 * else: no code, no filters, no calls but `id(…)`, which only SQL knows. Of several names, `{{ prev.success.end or
 * interval.start }}`, the first that has a value counts. `{{ '{{' }}` stands for two braces.
 */
export interface Template {
  readonly text: string;
  readonly parts: readonly TemplatePart[];
  /** Where the text comes from, relative to the project; absent for text that stands in a pipeline file. */
  readonly file?: string;
}

export type TemplatePart = LiteralPart | Placeholder;

export interface LiteralPart {
  readonly kind: "literal";
  readonly text: string;
}

export interface Placeholder {
  readonly kind: "placeholder";
  /** Dotted; or several with ` or ` between them. */
  readonly name: string;
  /** Written as `{{ id(name) }}`: an identifier of SQL. */
  readonly isIdentifier: boolean;
  /** Offsets in the text of the template, with the braces. */
  readonly start: number;
  readonly end: number;
}

/** What names stand for: plain data. */
export interface TemplateScope {
  readonly [name: string]: Json | undefined;
}

const NAME = "[A-Za-z_][A-Za-z0-9_-]*(?:\\.[A-Za-z0-9_-]+)*";
const NAMES = `${NAME}(?:\\s+or\\s+${NAME})*`;
const PLACEHOLDER = new RegExp(
  `\\{\\{\\s*(?:(${NAMES})|id\\(\\s*(${NAMES})\\s*\\)|'(\\{\\{)'|"(\\{\\{)")\\s*\\}\\}`,
  "y",
);
const OR = " or ";

/** Names that an error lists. */
const LISTED_MAX = 30;

/** Splits text into literal parts and placeholders. Throws `invalid_template` with line and column. */
export function parseTemplate(text: string, file?: string): Template {
  const origin = file === undefined ? { text } : { text, file };
  const parts: TemplatePart[] = [];
  let literal = "";
  let from = 0;
  for (let start = text.indexOf("{{"); start >= 0; start = text.indexOf("{{", from)) {
    PLACEHOLDER.lastIndex = start;
    const match = PLACEHOLDER.exec(text);
    if (match === null) throw notAName(origin, start);
    const [{ length }, plain, identifier] = match;
    literal += text.slice(from, start);
    from = start + length;
    const name = (plain ?? identifier)?.replace(/\s+/g, " ");
    if (name === undefined) {
      literal += "{{";
      continue;
    }
    if (literal !== "") parts.push({ kind: "literal", text: literal });
    parts.push({ kind: "placeholder", name, isIdentifier: plain === undefined, start, end: from });
    literal = "";
  }
  literal += text.slice(from);
  if (literal !== "") parts.push({ kind: "literal", text: literal });
  return { ...origin, parts };
}

/** Replaces each placeholder by its value, once: a value that looks like a placeholder stays as it is. */
export function renderTemplate(template: Template, scope: TemplateScope): string {
  return template.parts
    .map((part) => {
      if (part.kind === "literal") return part.text;
      if (part.isIdentifier) throw identifierError(template, part);
      return formatValue(lookUp(template, part, scope));
    })
    .join("");
}

/** The value that a placeholder names. Throws `invalid_template` when there is none. */
export function lookUp(template: Template, { name, start }: Placeholder, scope: TemplateScope): Json {
  let found: Json | undefined;
  for (const one of name.split(OR)) {
    const value = valueAt(one, scope) ?? valueAt(ownName(one), scope);
    if (value === undefined && whyAbsent(one) === undefined) throw undefinedName(template, one, { scope, start });
    // What is null on purpose is a value, but the last choice.
    if (value !== undefined) found ??= value;
  }
  if (found !== undefined) return found;
  throw absentValue(template, name, start);
}

/** Throws `invalid_template` on a name that stands for nothing in this scope, but those under `open`: they are not known yet. */
export function checkNames(template: Template, scope: TemplateScope, open: readonly string[]): void {
  for (const part of template.parts) {
    if (part.kind === "literal") continue;
    for (const name of part.name.split(OR)) {
      const own = ownName(name);
      const [root = ""] = own.split(".");
      if (open.includes(root) || whyAbsent(name) !== undefined) continue;
      if ((valueAt(name, scope) ?? valueAt(own, scope)) === undefined)
        throw undefinedName(template, name, { scope, start: part.start });
    }
  }
}

function valueAt(name: string, scope: TemplateScope): Json | undefined {
  let value: unknown = scope;
  for (const key of name.split(".")) value = ownData(value, key);
  return isPlainData(value) ? value : undefined;
}

/** Text as it is, numbers and booleans as JavaScript writes them, everything else as JSON. */
function formatValue(value: Json): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** An `invalid_template` that says where: line and column, and the file when there is one. */
export function templateError(
  { text, file }: Pick<Template, "text" | "file">,
  offset: number,
  fault: string,
  hint: string,
): BatutaError {
  const before = text.slice(0, offset).split("\n");
  const line = before.length;
  const column = (before.at(-1) ?? "").length + 1;
  const where = file === undefined ? `line ${line} of the text` : `${file}:${line}`;
  const location = file === undefined ? {} : { location: { file, line, column } };
  return new BatutaError("invalid_template", `Wrong template at ${where}: ${fault}.`, { hint, ...location });
}

/** How a placeholder is written, for errors. */
export function sourceOf({ text }: Template, { start, end }: Placeholder): string {
  return text.slice(start, end);
}

/** `id(…)` in a text that is no SQL. */
export function identifierError(template: Template, { name, start }: Placeholder): BatutaError {
  return templateError(template, start, "id(…) is for SQL only", `Write {{ ${name} }}.`);
}

function notAName(origin: Pick<Template, "text" | "file">, start: number): BatutaError {
  const { text } = origin;
  const close = text.indexOf("}}", start);
  const excerpt = text.slice(start, Math.min(close < 0 ? text.length : close + 2, start + 60));
  const fault = close < 0 ? `"${excerpt}" is never closed` : `${JSON.stringify(excerpt)} is not a name in braces`;
  const hint =
    "A placeholder is a name and nothing else: {{ params.region }}. For two literal braces write {{ '{{' }}.";
  return templateError(origin, start, fault, hint);
}

function undefinedName(
  template: Template,
  name: string,
  { scope, start }: { readonly scope: TemplateScope; readonly start: number },
): BatutaError {
  const names = namesIn(scope);
  const meant = closestName(name, names);
  const listed = names.length > LISTED_MAX ? `${names.slice(0, LISTED_MAX).join(", ")}, …` : names.join(", ");
  const guess = meant === undefined ? "" : `Did you mean ${meant}? `;
  return templateError(template, start, `{{ ${name} }} names nothing`, `${guess}Names are: ${listed}.`);
}

/** A name that has a value in other runs. */
function absentValue(template: Template, name: string, start: number): BatutaError {
  const first = name.split(OR)[0] ?? name;
  const { why, instead } = whyAbsent(first) ?? { why: "it is absent", instead: "ds" };
  const hint = `Say what to take instead: {{ ${name} or ${instead} }}.`;
  return templateError(template, start, `{{ ${name} }} has no value in this run: ${why}`, hint);
}

/** Dotted names of everything in the scope that is no object. */
function namesIn(scope: TemplateScope, prefix = ""): readonly string[] {
  return Object.keys(scope).flatMap((key) => {
    const value = ownData(scope, key);
    if (!isPlainData(value)) return [];
    return isRecord(value) ? namesIn(value, `${prefix}${key}.`) : [`${prefix}${key}`];
  });
}

/** A property that the object itself holds as data. Asks nothing that could run code: no getter, nothing inherited. */
function ownData(holder: unknown, key: string): unknown {
  if (typeof holder !== "object" || holder === null || key === "__proto__") return undefined;
  const property = Object.getOwnPropertyDescriptor(holder, key);
  return property?.enumerable === true ? property.value : undefined;
}

/** JSON all the way down: nothing in it has a method, not even `toJSON`. */
function isPlainData(value: unknown): value is Json {
  if (typeof value !== "object") return ["string", "number", "boolean"].includes(typeof value);
  if (value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every((property) => {
    if (property.get !== undefined || property.set !== undefined) return false;
    return property.value === undefined || isPlainData(property.value);
  });
}

function isRecord(value: Json): value is { readonly [key: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
