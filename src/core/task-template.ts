import { checkNames, parseTemplate, type Template, type TemplateScope } from "./template.ts";
import { templateScope } from "./template-scope.ts";

/**
 * A text of a task with placeholders. Throws `invalid_template`, with line and column, on a name that no run will know:
 * what stands under `params` and `item`, and under the `known` names of its kind, is for the run to say.
 */
export function parseTaskTemplate(
  text: string,
  { file, known = [] }: { readonly file?: string | undefined; readonly known?: readonly string[] } = {},
): Template {
  const template = parseTemplate(text, file);
  checkNames(template, SAMPLE, [...UNKNOWN_YET, ...known]);
  return template;
}

const UNKNOWN_YET: readonly string[] = ["params", "item", "index"];

/** A run that knows every name. */
const SAMPLE: TemplateScope = templateScope({
  interval: { start: 0, end: 1 },
  timezone: "UTC",
  ds: "1970-01-01",
  params: {},
  run: { id: "run", pipeline: "pipeline", trigger: "manual" },
  task: "task",
  attempt: 1,
});
