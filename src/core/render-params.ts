import type { Json } from "./json.ts";
import { parseTaskTemplate } from "./task-template.ts";
import { lookUp, parseTemplate, renderTemplate, type TemplateScope } from "./template.ts";

/** Parameters with their placeholders filled in. A text that is one placeholder becomes its value, whatever that is. */
export function renderParams(params: Json, scope: TemplateScope): Json {
  if (typeof params === "string") return renderText(params, scope);
  if (typeof params !== "object" || params === null) return params;
  if (Array.isArray(params)) return params.map((item: Json) => renderParams(item, scope));
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value === undefined ? null : renderParams(value, scope)]),
  );
}

/** Throws `invalid_template` on a text that no template of a task can be. */
export function checkParamTemplates(params: Json): void {
  if (typeof params === "string") parseTaskTemplate(params, { known: ["input"] });
  if (typeof params !== "object" || params === null) return;
  for (const value of Object.values(params)) if (value !== undefined) checkParamTemplates(value);
}

/** Dotted names in the placeholders of all texts. Throws `invalid_template` on a text that no template can be. */
export function templateNames(params: Json): readonly string[] {
  if (typeof params === "string") {
    return parseTemplate(params).parts.flatMap((part) => (part.kind === "placeholder" ? [part.name] : []));
  }
  if (typeof params !== "object" || params === null) return [];
  const values: readonly (Json | undefined)[] = Object.values(params);
  return values.flatMap((value) => (value === undefined ? [] : templateNames(value)));
}

function renderText(text: string, scope: TemplateScope): Json {
  if (!text.includes("{{")) return text;
  const template = parseTemplate(text);
  const [first, ...others] = template.parts;
  if (first?.kind === "placeholder" && !first.isIdentifier && others.length === 0)
    return lookUp(template, first, scope);
  return renderTemplate(template, scope);
}
