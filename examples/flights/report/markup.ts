/** HTML or SVG text in which all data is already escaped. Only `markup` makes one. */
export interface Markup {
  readonly html: string;
}

type MarkupValue = string | number | Markup | readonly Markup[];

/**
 * Builds HTML and SVG. Text that is put in is escaped, markup is taken as it is, and numbers are coordinates: they are
 * rounded to a tenth, which is less than a pixel and a third of the file's size.
 *
 * @example markup`<text x="${4.2512}">${"Fish & chips"}</text>` // <text x="4.3">Fish &amp; chips</text>
 */
export function markup(texts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  const parts = texts.map((text, index) => text + (index < values.length ? render(values[index]) : ""));
  return { html: parts.join("") };
}

function render(value: MarkupValue | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(Math.round(value * 10) / 10);
  if ("html" in value) return value.html;
  return value.map((part) => part.html).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
