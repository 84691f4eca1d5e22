import { ShellScanner } from "./shell-scanner.ts";
import {
  identifierError,
  type Placeholder,
  parseTemplate,
  sourceOf,
  type Template,
  templateError,
} from "./template.ts";

export interface ShellTemplate {
  /** Shell text in which references to environment variables stand for the placeholders. */
  readonly text: string;
  /** Variable -> template of its value, to be rendered for each attempt. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Turns placeholders in shell text into references to environment variables, so that no value ever becomes part of the
 * program: `load --day {{ ds }}` is `load --day "${BATUTA_T1}"`. Always one word, whatever the value holds. Throws
 * `invalid_template` where a shell would not expand a variable, or would compute with its value.
 */
export function shellTemplate(text: string, file?: string): ShellTemplate {
  const template = parseTemplate(text, file);
  const scanner = new ShellScanner();
  const variables = new Map<string, string>();
  const placeholders: Placeholder[] = [];
  let shell = "";
  for (const part of template.parts) {
    if (part.kind === "literal") {
      shell += part.text;
      scanner.read(part.text);
      continue;
    }
    placeholders.push(part);
    shell += reference(template, part, { scanner, variables });
  }
  scanner.end();
  const computed = placeholders[scanner.computedPlaceholder ?? -1];
  if (computed !== undefined) throw refusal(template, computed, "arithmetic_test");
  const env = Object.fromEntries([...variables].map(([name, variable]) => [variable, `{{ ${name} }}`]));
  return { text: shell, env };
}

interface Reading {
  readonly scanner: ShellScanner;
  /** Name of a placeholder -> its variable. */
  readonly variables: Map<string, string>;
}

function reference(template: Template, placeholder: Placeholder, { scanner, variables }: Reading): string {
  if (placeholder.isIdentifier) throw identifierError(template, placeholder);
  const place = scanner.placeholder();
  if (place === "comment") return sourceOf(template, placeholder);
  if (place !== "word" && place !== "double_quotes") throw refusal(template, placeholder, place);
  const { name } = placeholder;
  const variable = variables.get(name) ?? `BATUTA_T${variables.size + 1}`;
  variables.set(name, variable);
  return place === "word" ? `"\${${variable}}"` : `\${${variable}}`;
}

function refusal(template: Template, placeholder: Placeholder, place: keyof typeof REFUSALS): Error {
  const source = sourceOf(template, placeholder);
  const { fault, hint } = REFUSALS[place];
  return templateError(template, placeholder.start, `${source} ${fault}`, hint.replaceAll("{{ x }}", source));
}

const REFUSALS = {
  single_quotes: {
    fault: "stands inside single quotes, where a shell expands nothing",
    hint: "Close the quotes before it, or use double quotes: '…'{{ x }}'…' or \"…{{ x }}…\".",
  },
  here_document: {
    fault: "stands inside a here-document",
    hint: "Write the text with printf instead: printf '%s\\n' {{ x }} | program.",
  },
  backticks: {
    fault: "stands inside backticks, where quotes do not nest",
    hint: "Use $(…) in place of the backticks.",
  },
  expansion: {
    fault: "stands inside a parameter expansion",
    hint: "Assign it to a variable of its own first: value={{ x }}.",
  },
  arithmetic: {
    fault: "stands where a shell computes, and would run commands that the value holds",
    hint: 'Check the number first: n={{ x }}; case "$n" in ""|*[!0-9]*) exit 1 ;; esac. Then compute with $n.',
  },
  arithmetic_test: {
    fault: "stands in a [[ … ]] that compares numbers, where a shell would run commands that the value holds",
    hint: "Use [ … ], which takes it as text: [ {{ x }} -gt 5 ].",
  },
  after_backslash: {
    fault: "comes straight after a backslash",
    hint: "Take the backslash away; for a literal one write \\\\.",
  },
  after_dollar: {
    fault: "comes straight after a $",
    hint: "Take the $ away: the placeholder is replaced by its value. For a literal one write \\$.",
  },
} as const;
