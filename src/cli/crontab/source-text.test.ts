import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTemplate, renderTemplate } from "../../core/template.ts";
import { taggedText } from "../../tasks/tagged-text.ts";
import { comment, quotedTemplate, shellCall } from "./source-text.ts";

/** Texts in which everything that means something to TypeScript, to a template or to a shell comes often. */
const awkward = fc
  .array(
    fc.oneof(
      fc.constantFrom("`", "${", "\\", "{{", "}}", "'", '"', "$", "{", "a", " ", "\t", "\u2028", "\r"),
      fc.string(),
    ),
  )
  .map((parts) => parts.join("").replaceAll("\n", ""));

const HOME = ["$", "{HOME}"].join("");

describe("shellCall", () => {
  it("gives the shell exactly the command, whatever it holds", () => {
    fc.assert(
      fc.property(awkward, (command) => {
        expect(textIn(shellCall(`cd ~\n${command}.`, undefined).join("\n"))).toBe(`cd ~\n${command}.`);
      }),
      { numRuns: 2_000 },
    );
  });

  it("shows an ordinary command as it stands in the crontab", () => {
    expect(shellCall(`echo "\`date\`" ${HOME} | tee \\$x`, "{ env: {} }")).toEqual([
      "shell({ env: {} })`",
      `  echo "\\\`date\\\`" \\${HOME} | tee \\$x`,
      "`",
    ]);
  });

  it("quotes a command that a tagged template cannot hold", () => {
    expect(shellCall("echo \\`date\\`", undefined)).toEqual(['shell("echo \\\\`date\\\\`")']);
  });
});

it("keeps a value of the environment from being a placeholder", () => {
  fc.assert(
    fc.property(awkward, (value) => {
      expect(renderTemplate(parseTemplate(evaluated(quotedTemplate(value), () => "")), {})).toBe(value);
    }),
  );
});

it("lets no text break out of a comment", () => {
  fc.assert(
    fc.property(awkward, (text) => {
      expect(evaluated(`\n${comment(`${text}\nbroken out\u2029broken out`).join("\n")}\n"whole"`, () => "")).toBe(
        "whole",
      );
    }),
  );
});

/** The shell text of a call, as `shell` itself reads it. */
function textIn(source: string): string {
  return evaluated(source, (first: TemplateStringsArray | string) => {
    const { text } = typeof first === "string" ? { text: first } : taggedText(first, []);
    return renderTemplate(parseTemplate(text), {}).replace(/\n$/, "");
  });
}

function evaluated(source: string, shell: (first: TemplateStringsArray | string) => string): string {
  return String(new Function("shell", `return (${source});`)(shell));
}
