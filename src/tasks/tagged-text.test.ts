import { expect, test } from "vitest";
import { parseTemplate, renderTemplate } from "../core/template.ts";
import { hasPlaceholder, literalTemplate, taggedText } from "./tagged-text.ts";

function tagged(strings: TemplateStringsArray, ...values: readonly unknown[]) {
  return taggedText(strings, values);
}

test("backslashes are read as written; a backtick and a dollar with a brace need one", () => {
  expect(tagged`sed 's/\./\n/' \`date\` \${HOME:-/} $HOME`.text).toBe(
    ["sed 's/\\./\\n/' `date` $", "{HOME:-/} $HOME"].join(""),
  );
});

test("what JavaScript puts in becomes a placeholder with that value", () => {
  const { text, values } = tagged`a ${"x {{ ds }}"} b ${1.5} c ${null} d ${true}`;
  expect(text).toBe("a {{ batuta_value_1 }} b {{ batuta_value_2 }} c {{ batuta_value_3 }} d {{ batuta_value_4 }}");
  expect(Object.values(values)).toEqual(["x {{ ds }}", 1.5, null, true]);
});

test("what is no text, number, boolean or null is refused by its position", () => {
  for (const value of [undefined, {}, [], () => 1, Symbol("x"), 1n]) {
    expect(() => tagged`a ${1} ${value}`).toThrow(/^Value 2 in \$\{…\} is /);
  }
});

test("indentation that all lines share is taken away, and the rest stays", () => {
  const { text } = tagged`
    if true; then
      echo yes

    fi
  `;
  expect(text).toBe("if true; then\n  echo yes\n\nfi\n");
  expect(
    tagged`one
  two`.text,
  ).toBe("one\n  two");
});

test("a literal template yields its own text, braces and all", () => {
  for (const text of ["{{ ds }}", "{{{{", "a {{'{{'}} b", "{{{", "}} {{", ""]) {
    expect(renderTemplate(parseTemplate(literalTemplate(text)), {})).toBe(text);
  }
});

test("hasPlaceholder tells a template from plain text", () => {
  expect(hasPlaceholder("echo {{ ds }}")).toBe(true);
  expect(hasPlaceholder("echo {{ '{{' }}.Name}}")).toBe(false);
});
