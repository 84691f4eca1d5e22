import type { Json } from "./json.ts";
import { type SqlMark, type SqlPiece, SqlScanner } from "./sql-scanner.ts";
import {
  lookUp,
  type Placeholder,
  parseTemplate,
  sourceOf,
  type Template,
  type TemplateScope,
  templateError,
} from "./template.ts";

/** How a database writes parameters: `$1`, `$2` … (PostgreSQL, DuckDB) or `?` (SQLite, DuckDB). */
export type SqlDialect = "$1" | "?";

/** SQL text whose placeholders become bound parameters; several statements are separated by `;`. */
export interface SqlTemplate {
  readonly template: Template;
  readonly dialect: SqlDialect;
  readonly statements: readonly (readonly SqlPiece[])[];
}

/** One statement, ready for a driver. */
export interface BoundStatement {
  readonly text: string;
  /** Objects and arrays as JSON text. */
  readonly values: readonly (string | number | boolean | null)[];
}

/** Of each part of an identifier; PostgreSQL keeps 63 bytes, others more. */
const IDENTIFIER_LENGTH_MAX = 128;
const IDENTIFIER_PARTS_MAX = 3;
const WORD = /[A-Za-z0-9_$]/;
/** As in `E'…'` and `U&'…'`. */
const STRING_PREFIX = /(?:^|[^A-Za-z0-9_$])(?:[a-z]|u&)$/i;
const TYPED_LITERAL = /\b(date|time|timestamp|timestamptz|interval|zone)\s*$/i;

/**
 * Reads SQL with placeholders. A placeholder, or a whole quoted one, `'{{ ds }}'`, stands for a value and is bound as a
 * parameter; `{{ id(params.table) }}` stands for an identifier. In comments they are left alone. Throws
 * `invalid_template` where a value cannot be bound: within a string, a quoted name, a dollar-quoted body or a word.
 */
export function sqlTemplate(text: string, dialect: SqlDialect, file?: string): SqlTemplate {
  const template = parseTemplate(text, file);
  const scanner = new SqlScanner({ nestsComments: dialect === "$1", parameterMark: dialect });
  for (const [index, part] of template.parts.entries()) {
    if (part.kind === "literal") scanner.read(part.text);
    else readPlaceholder(scanner, { template, index, placeholder: part });
  }
  const { statements, ownParameter } = scanner.end();
  const [bound] = statements.flat().filter((piece) => piece.kind === "value");
  if (ownParameter !== undefined && bound !== undefined) {
    const fault = `the text has a parameter ${ownParameter} of its own beside ${sourceOf(template, bound.placeholder)}`;
    throw templateError(template, bound.placeholder.start, fault, "Write every parameter as a placeholder.");
  }
  return { template, dialect, statements };
}

/** Gives the statements their values. Throws `invalid_template` for a name without value, or an unfit identifier. */
export function bindSql(
  { template, dialect, statements }: SqlTemplate,
  scope: TemplateScope,
): readonly BoundStatement[] {
  return statements.map((pieces) => {
    const values: BoundStatement["values"][number][] = [];
    const texts = pieces.map((piece) => {
      if (piece.kind === "text") return piece.text;
      const value = lookUp(template, piece.placeholder, scope);
      if (piece.kind === "identifier") return quotedIdentifier(template, piece.placeholder, value);
      values.push(typeof value === "object" && value !== null ? JSON.stringify(value) : (value ?? null));
      return dialect === "?" ? "?" : `$${values.length}`;
    });
    return { text: texts.join("").trim(), values };
  });
}

interface Place {
  readonly template: Template;
  /** Of the part. */
  readonly index: number;
  readonly placeholder: Placeholder;
}

function readPlaceholder(scanner: SqlScanner, place: Place): void {
  const { template, index, placeholder } = place;
  const next = template.parts[index + 1];
  const following = next?.kind === "literal" ? next.text : "";
  const mark = scanner.mark(following);
  if (mark === "comment") {
    scanner.skip(sourceOf(template, placeholder));
    return;
  }
  checkPlace(place, mark, { before: scanner.before(), after: following[0] ?? "" });
  const { isIdentifier } = placeholder;
  if (mark === "whole_string") scanner.replaceString({ kind: "value", placeholder });
  else scanner.add({ kind: isIdentifier ? "identifier" : "value", placeholder });
}

function checkPlace(
  { template, placeholder }: Place,
  mark: Exclude<SqlMark, "comment">,
  { before, after }: { readonly before: string; readonly after: string },
): void {
  const source = sourceOf(template, placeholder);
  const refuse = (fault: string, hint: string) =>
    templateError(template, placeholder.start, `${source} ${fault}`, hint);
  const { name, isIdentifier } = placeholder;
  if (mark !== "code" && mark !== "whole_string") throw refuse(REFUSALS[mark].fault, REFUSALS[mark].hint(name));
  if (isIdentifier && mark === "whole_string") {
    throw refuse("is an identifier inside quotes", "Leave the quotes out: they are added.");
  }
  if (mark === "whole_string" && STRING_PREFIX.test(before)) {
    throw refuse("is a string with a prefix", "Leave out the prefix and the quotes: a value needs no escapes.");
  }
  if (TYPED_LITERAL.test(before)) {
    const type = TYPED_LITERAL.exec(before)?.[1]?.toUpperCase() ?? "";
    const cast = `CAST({{ ${name} }} AS ${type === "ZONE" ? "TIMESTAMP WITH TIME ZONE" : type})`;
    throw refuse(`comes after ${type}, where only a literal may stand`, `Write ${cast}.`);
  }
  const touches = WORD.test(before.at(-1) ?? "") || (mark === "code" && WORD.test(after));
  if (touches) {
    const hint = isIdentifier
      ? "Give the whole name as one value."
      : `Put a space around it if it is a value; a name needs {{ id(${name}) }}, and all of it.`;
    throw refuse("is only part of a word", hint);
  }
}

const REFUSALS = {
  string: {
    fault: "is only part of a string",
    hint: (name: string) => `Join the parts in SQL: 'text' || {{ ${name} }}.`,
  },
  quoted_name: {
    fault: "stands inside a quoted name",
    hint: (name: string) => `An identifier is written {{ id(${name}) }}, without quotes.`,
  },
  dollar_quotes: {
    fault: "stands inside a dollar-quoted body, which a database takes as text",
    hint: () => "Pass the value as an argument of the function.",
  },
} as const;

function quotedIdentifier(template: Template, placeholder: Placeholder, value: Json): string {
  const parts = typeof value === "string" ? value.split(".") : [];
  const fits = parts.length > 0 && parts.length <= IDENTIFIER_PARTS_MAX && parts.every(isIdentifierPart);
  if (fits) return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
  const fault = `${sourceOf(template, placeholder)} is ${JSON.stringify(value)?.slice(0, 80)}, which is no identifier`;
  throw templateError(template, placeholder.start, fault, "Use a name, or schema.name, of ordinary characters.");
}

function isIdentifierPart(part: string): boolean {
  return part.length > 0 && part.length <= IDENTIFIER_LENGTH_MAX && !/\p{Cc}/u.test(part);
}
