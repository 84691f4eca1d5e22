import { literalTemplate } from "../../tasks/tagged-text.ts";

/** Texts from elsewhere as parts of a TypeScript file: whatever they hold, they stay what they are. */

/** A text in quotes. */
export function quotedText(text: string): string {
  return JSON.stringify(text);
}

/** A text as the value of a template in which it is no placeholder. */
export function quotedTemplate(text: string): string {
  return quotedText(literalTemplate(text));
}

/** Comment lines; what would end a line of TypeScript becomes a space. */
export function comment(text: string): readonly string[] {
  return wrapped(text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ")).map((line) => `// ${line}`.trimEnd());
}

const COMMENT_COLUMNS = 110;

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length >= COMMENT_COLUMNS) {
      lines.push(line);
      line = "  ";
    }
    line += line.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}

/**
 * `shell` with a text that reaches the shell exactly as it is. A tagged template shows it best, but cannot hold every
 * text: a backslash before a backtick or `${` would be taken for its own.
 */
export function shellCall(text: string, options: string | undefined): readonly string[] {
  const script = literalTemplate(text);
  if (/\\(?:`|\$\{|$)|[^\P{Cc}\n\t]/u.test(script)) {
    return [`shell(${quotedText(script)}${options === undefined ? "" : `, ${options}`})`];
  }
  const tag = options === undefined ? "shell" : `shell(${options})`;
  const raw = script.replaceAll("`", "\\`").replaceAll("${", "\\${");
  return [`${tag}\``, ...raw.split("\n").map((line) => `  ${line}`), "`"];
}
