import type { Json } from "../../core/json.ts";
import { parseTaskTemplate } from "../../core/task-template.ts";
import { lookUp, parseTemplate, renderTemplate, type TemplateScope } from "../../core/template.ts";

/** Throws `invalid_template` for a text in the body whose braces are wrong. */
export function checkBodyTemplates(body: Json | undefined): void {
  if (body === undefined) return;
  mapTexts(body, (text) => {
    parseTaskTemplate(text, { known: ["input"] });
    return text;
  });
}

/** The body with its placeholders filled in: a text of one placeholder alone becomes the value, of whatever type. */
export function fillBody(body: Json, scope: TemplateScope): Json {
  return mapTexts(body, (text) => {
    const template = parseTemplate(text);
    const [only, ...others] = template.parts;
    if (only?.kind === "placeholder" && others.length === 0) return lookUp(template, only, scope);
    return renderTemplate(template, scope);
  });
}

function mapTexts(value: Json, change: (text: string) => Json): Json {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, item === undefined ? undefined : mapTexts(item, change)]),
  );
}
