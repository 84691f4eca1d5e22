// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a shell writes its variables as ${…}.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shellTemplate } from "./shell-template.ts";
import { parseTemplate, renderTemplate } from "./template.ts";

test("a placeholder becomes a variable that holds the value, one for each name", () => {
  expect(shellTemplate("load --day {{ ds }} --to {{ params.to }} --again {{ ds }}")).toEqual({
    text: 'load --day "${BATUTA_T1}" --to "${BATUTA_T2}" --again "${BATUTA_T1}"',
    env: { BATUTA_T1: "{{ ds }}", BATUTA_T2: "{{ params.to }}" },
  });
});

test.each([
  ['echo "day {{ ds }}, done"', 'echo "day ${BATUTA_T1}, done"'],
  ["cp a.csv out/{{ ds }}.csv", 'cp a.csv out/"${BATUTA_T1}".csv'],
  ['echo "$(date -d {{ ds }})"', 'echo "$(date -d "${BATUTA_T1}")"'],
  ['echo "$(echo "{{ ds }}")"', 'echo "$(echo "${BATUTA_T1}")"'],
  ["echo 'it'\\''s' {{ ds }}", "echo 'it'\\''s' \"${BATUTA_T1}\""],
  ["# don't {{ skip }}\necho {{ ds }}", '# don\'t {{ skip }}\necho "${BATUTA_T1}"'],
  ["echo a#b'c' {{ ds }}", "echo a#b'c' \"${BATUTA_T1}\""],
  ["cat <<'EOF'\nit's text\nEOF\necho {{ ds }}", "cat <<'EOF'\nit's text\nEOF\necho \"${BATUTA_T1}\""],
  ["cat <<A <<-B\n'\nA\n\t'\n\tB\necho {{ ds }}", "cat <<A <<-B\n'\nA\n\t'\n\tB\necho \"${BATUTA_T1}\""],
  ["cat <<< {{ ds }}", 'cat <<< "${BATUTA_T1}"'],
  ["echo $'a\\'b' {{ ds }}", "echo $'a\\'b' \"${BATUTA_T1}\""],
  ['echo "\\${{ ds }}"', 'echo "\\$${BATUTA_T1}"'],
  ['x="$(case a in a) echo "$1" ;; esac)" {{ ds }}', 'x="$(case a in a) echo "$1" ;; esac)" "${BATUTA_T1}"'],
  ['x="$(case a in a) echo {{ ds }} ;; esac)"', 'x="$(case a in a) echo "${BATUTA_T1}" ;; esac)"'],
  ["echo $(date)#1'2' {{ ds }}", "echo $(date)#1'2' \"${BATUTA_T1}\""],
  ["echo $((1 << 2)) {{ ds }}", 'echo $((1 << 2)) "${BATUTA_T1}"'],
  ["echo ${x:-'}'} {{ ds }}", "echo ${x:-'}'} \"${BATUTA_T1}\""],
  ["[ {{ ds }} -gt 5 ]", '[ "${BATUTA_T1}" -gt 5 ]'],
  ["[[ {{ ds }} == eu ]]", '[[ "${BATUTA_T1}" == eu ]]'],
  ["ps --format '{{ '{{' }}.Id}}' {{ ds }}", "ps --format '{{.Id}}' \"${BATUTA_T1}\""],
])("%j becomes %j", (text, shell) => {
  expect(shellTemplate(text).text).toBe(shell);
});

test.each([
  ["echo 'day {{ ds }}'", "single quotes"],
  ["echo $'day {{ ds }}'", "single quotes"],
  ["cat <<EOF\nday {{ ds }}\nEOF", "here-document"],
  ["cat <<-'EOF'\n\tday {{ ds }}\nEOF", "here-document"],
  ["cat <<{{ ds }}", "here-document"],
  ["echo `date -d {{ ds }}`", "backticks"],
  ['echo "`echo $(echo {{ ds }})`"', "backticks"],
  ["echo ${x:-{{ ds }}}", "expansion"],
  ["echo $(( {{ ds }} + 1 ))", "computes"],
  ['echo "$(( $(echo {{ ds }}) + 1 ))"', "computes"],
  ["((n = {{ ds }}))", "computes"],
  ["echo $[{{ ds }}]", "computes"],
  ["a[{{ ds }}]=1", "computes"],
  ['a["{{ ds }}"]=1', "computes"],
  ["[[ {{ ds }} -gt 5 ]] && echo yes", "compares numbers"],
  ['if [[ -n x && 3 -lt "{{ ds }}" ]]; then echo; fi', "compares numbers"],
  ["echo \\{{ ds }}", "backslash"],
  ['echo "\\{{ ds }}"', "backslash"],
  ["echo ${{ ds }}", "after a $"],
  ["echo {{ id(ds) }}", "SQL only"],
])("%j is refused: %s", (text, fault) => {
  expect(() => shellTemplate(`true\n${text}`)).toThrow(
    expect.objectContaining({
      code: "invalid_template",
      message: expect.stringMatching(new RegExp(`line \\d.*${fault.replace("$", "\\$")}`)),
      hint: expect.stringMatching(/.{10}/),
    }),
  );
});

test("the error in single quotes shows how to write it", () => {
  expect(() => shellTemplate("echo 'day {{ ds }}'")).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("'…'{{ ds }}'…'") }),
  );
});

const SHELLS = ["/bin/sh", "/bin/bash"].filter((shell) => existsSync(shell));

describe.each(SHELLS)("in a real %s", (shell) => {
  const text = [
    'printf "%s\\n" {{ value }}',
    'printf "%s\\n" "<{{ value }}>"',
    'printf "%s\\n" a{{ value }}b',
    'printf "%s\\n" "$(printf "%sx" {{ value }})"',
    'case {{ value }} in (*) printf "%s\\n" {{ value }} ;; esac',
    '[ {{ value }} = {{ value }} ] && printf "equal"',
  ].join("\n");

  test("S06: whatever a value holds, it stays one word of data", () => {
    const sly = fc.constantFrom(
      "$(echo pwned)",
      "`id`",
      '"; id; "',
      "'",
      "\\",
      "*",
      "a b",
      "\n",
      "-n",
      "é",
      "$HOME",
      ";",
    );
    const values = fc
      .array(fc.oneof(sly, fc.string({ maxLength: 4 })), { maxLength: 5 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(
        values.filter((value) => !value.includes("\0") && value.isWellFormed()),
        (value) => {
          const expected = [value, `<${value}>`, `a${value}b`, `${value}x`, value, "equal"].join("\n");
          expect(run(shell, text, value)).toBe(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("S06: where a shell computes, a value could run a command; that is why such places are refused", () => {
    if (shell !== "/bin/bash") return;
    const dangerous = '[[ "$V" -gt 0 ]] || true; printf done';
    const stdout = spawnSync(shell, ["-c", dangerous], { env: { V: "a[$(printf pwned >&2)]" }, encoding: "utf8" });
    expect(stdout.stderr).toContain("pwned");
  });
});

function run(shell: string, source: string, value: string): string {
  const { text, env } = shellTemplate(source);
  const rendered = Object.entries(env).map(([name, template]) => [
    name,
    renderTemplate(parseTemplate(template), { value }),
  ]);
  const { stdout, stderr } = spawnSync(shell, ["-c", text], {
    env: Object.fromEntries(rendered),
    encoding: "utf8",
    // With a socket as its standard input bash takes itself for a remote login and reads ~/.bashrc.
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(stderr).toBe("");
  return stdout;
}
