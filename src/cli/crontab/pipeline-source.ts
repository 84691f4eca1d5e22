import { jobScript } from "./job-command.ts";
import type { CrontabJob, LeftOut } from "./read-crontab.ts";
import { comment, quotedTemplate, quotedText, shellCall } from "./source-text.ts";

const IMPORTS = ['import { cron, pipeline } from "batuta";', 'import { shell } from "batuta/tasks";'];

/** What is said once in each file, for it is the same of all jobs. */
const REMARKS = [
  "// Like cron: what was missed while nothing ran is not made up for (catchUp), commands start in the home folder",
  "// (cd ~), and a command that fails does not end a line of several (set +e).",
];

/** A file with one pipeline. */
export function pipelineFile(job: CrontabJob): string {
  return text([...IMPORTS, "", ...REMARKS, "", ...origin(job), ...exported(pipelineCall(job))]);
}

/** A file with all of them, and with what has become none. */
export function pipelinesFile(jobs: readonly CrontabJob[], leftOut: readonly LeftOut[]): string {
  const calls = jobs.flatMap((job) => [...origin(job), ...pipelineCall(job, ",")]);
  const rest = leftOut.filter(({ pipeline }) => pipeline === undefined).flatMap(leftOutComment);
  return text([
    ...IMPORTS,
    "",
    ...REMARKS,
    "",
    ...(rest.length === 0 ? [] : ["// Not carried over:", ...rest, ""]),
    "export default [",
    ...indented(calls),
    "];",
  ]);
}

/** What has become no pipeline, where each has a file of its own. */
export function leftOutFile(leftOut: readonly LeftOut[]): string {
  const entries = leftOut.map(({ line, text: source, reason }) => [
    `Line ${line}: ${reason}.`,
    "",
    `    ${source}`,
    "",
  ]);
  return text(["# Not carried over from the crontab", "", ...entries.flat()].slice(0, -1));
}

function leftOutComment({ line, text: source, reason }: LeftOut): readonly string[] {
  return [...comment(`Line ${line}: ${reason}.`), ...comment(`  ${source}`)];
}

function origin({ line, text: source, notes }: CrontabJob): readonly string[] {
  return [...comment(`Line ${line}: ${source}`), ...notes.flatMap((note) => comment(`Not carried over: ${note}.`))];
}

function exported([first = "", ...lines]: readonly string[]): readonly string[] {
  return [`export default ${first}`, ...lines];
}

function pipelineCall(job: CrontabJob, end = ";"): readonly string[] {
  const { name, description, expression, timezone, jitterMinutes } = job;
  const jitter = jitterMinutes === 0 ? "" : `, jitter: "${jitterMinutes}m"`;
  const options = `{ timezone: ${quotedText(timezone)}, catchUp: "none"${jitter} }`;
  return [
    "pipeline(",
    ...indented([
      `${quotedText(name)},`,
      "{",
      ...(description === undefined ? [] : [`  description: ${quotedText(description)},`]),
      `  schedule: cron(${quotedText(expression)}, ${options}),`,
      "},",
      "({ task }) => {",
      ...indented(taskCall(job)),
      "},",
    ]),
    `)${end}`,
  ];
}

function taskCall({ name, command, shell, env }: CrontabJob): readonly string[] {
  const script = jobScript(command, shell);
  const options = shellOptions(script.interpreter, env);
  return ["task(", ...indented([`${quotedText(name)},`, ...withComma(shellCall(script.text, options))]), ");"];
}

function shellOptions(interpreter: "sh" | "bash", env: CrontabJob["env"]): string | undefined {
  const variables = Object.entries(env).map(([name, value]) => `${name}: ${quotedTemplate(value)}`);
  const parts = [
    ...(interpreter === "sh" ? [] : [`interpreter: ${quotedText(interpreter)}`]),
    ...(variables.length === 0 ? [] : [`env: { ${variables.join(", ")} }`]),
  ];
  return parts.length === 0 ? undefined : `{ ${parts.join(", ")} }`;
}

function withComma(lines: readonly string[]): readonly string[] {
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ""},`];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}

function text(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
