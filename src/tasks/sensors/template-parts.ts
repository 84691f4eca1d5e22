import type { Json } from "../../core/json.ts";
import { parseTemplate, type TemplateScope } from "../../core/template.ts";

/**
 * A text with placeholders, apart: in a configuration each placeholder stands alone, so that it becomes its value, and
 * whoever puts the text together again can bind or encode it.
 */
export type TemplateParts = readonly (string | { readonly name: string; readonly value: Json; readonly id?: true })[];

/** Throws `invalid_template`. */
export function templateParts(text: string): TemplateParts {
  return parseTemplate(text).parts.map((part) => {
    if (part.kind === "literal") return part.text.replaceAll("{{", BRACES);
    const { name, isIdentifier } = part;
    return { name, value: `{{ ${name} }}`, ...(isIdentifier ? { id: true as const } : {}) };
  });
}

/** The text as it was, once its placeholders have their values. */
export function templateText(parts: TemplateParts): string {
  return parts.map((part) => (typeof part === "string" ? part.replaceAll("{{", BRACES) : placeholder(part))).join("");
}

/** The names that stand in it, with their values. */
export function namesIn(parts: TemplateParts): TemplateScope {
  const scope: Record<string, Json> = {};
  for (const part of parts) if (typeof part !== "string") put(scope, part.name.split("."), part.value);
  return scope;
}

function placeholder({ name, id }: { readonly name: string; readonly id?: true }): string {
  return id === true ? `{{ id(${name}) }}` : `{{ ${name} }}`;
}

function put(scope: Record<string, Json>, [first = "", ...rest]: readonly string[], value: Json): void {
  if (rest.length === 0) {
    scope[first] = value;
    return;
  }
  const inner: Json = scope[first] ?? {};
  const record: Record<string, Json> =
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? ({ ...inner } as Record<string, Json>) : {};
  put(record, rest, value);
  scope[first] = record;
}

/** Two braces that are no placeholder. */
const BRACES = "{{ '{{' }}";
