import type { Json } from "../../core/json.ts";
import type { SourceLocation } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { shellTemplate } from "../../core/shell-template.ts";
import { parseTaskTemplate } from "../../core/task-template.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { checkOptionNames, locatedAt } from "../../sdk/option-values.ts";
import { type CommandOptions, defineTaskKind, type TaskKind } from "../../sdk/task-kind.ts";
import { checkEnvironment } from "../environment.ts";
import { projectFile } from "../project-file.ts";
import {
  hasPlaceholder,
  type Interpolated,
  isTemplateStrings,
  literalTemplate,
  plainText,
  type TaggedText,
  taggedText,
} from "../tagged-text.ts";

/**
 * What may be said of a shell command.
 *
 * @example
 * const options: ShellOptions = { interpreter: "bash", env: { REGION: "{{ params.region }}" }, cwd: "scripts" };
 */
export interface ShellOptions {
  /** `sh` runs as `/bin/sh -e`, `bash` as `bash -e -o pipefail`; `sh` when absent. */
  readonly interpreter?: "sh" | "bash";
  /** Environment variables; their values may hold placeholders. */
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project folder, which is where it runs otherwise. */
  readonly cwd?: string;
  /** The exit code that means "skipped"; 99 when absent. */
  readonly skipExitCode?: number;
}

/**
 * `shell.file`: the arguments may hold placeholders and reach the script as `$1`, `$2` …
 *
 * @example
 * shell.file("scripts/report.sh", { args: ["{{ ds }}"] });
 */
export interface ShellFileOptions extends ShellOptions {
  readonly args?: readonly string[];
}

type ShellTag = <T = Json>(strings: TemplateStringsArray, ...values: readonly Interpolated[]) => TaskKind<T>;

function shellText<T = Json>(strings: TemplateStringsArray, ...values: readonly Interpolated[]): TaskKind<T>;
function shellText<T = Json>(text: string, options?: ShellOptions): TaskKind<T>;
function shellText(options: ShellOptions): ShellTag;
function shellText(
  first: TemplateStringsArray | string | ShellOptions,
  ...rest: readonly unknown[]
): TaskKind | ShellTag {
  const at = callSite(shellText);
  if (isTemplateStrings(first)) return ofTagged(first, rest, { options: {}, at });
  if (typeof first === "string") return ofText(plainText(first), readOptions(rest[0] ?? {}, "shell(…)", at), at);
  const options = readOptions(first, "shell(…)", at);
  return function tag(strings, ...values) {
    return ofTagged(strings, values, { options, at: callSite(tag) });
  };
}

function shellFile<T = Json>(path: string, options: ShellFileOptions = {}): TaskKind<T> {
  const at = callSite(shellFile);
  const { args = [], ...others } = options;
  const settings = readOptions(others, "shell.file(…)", at);
  const file = projectFile(path, at);
  const script = hasPlaceholder(file.text) ? { ...plainText(file.text), file: file.path } : undefined;
  return makeShell({ ...settings, args, ...(script === undefined ? { path: file.path } : { script }) }, at);
}

/**
 * Runs a shell command: `/bin/sh -e`, so that the first command that fails fails the task, in the project folder. A
 * placeholder, `{{ ds }}` or `${value}`, becomes a reference to an environment variable that holds the value: always
 * one word, never code. It stands as a word or inside double quotes; anywhere else it is an error when the file is
 * loaded. Backslashes need not be doubled. With `{ interpreter: "bash" }` it runs as `bash -e -o pipefail`.
 * `shell.file` runs a script of the project, as it was when the run began.
 *
 * @example
 * task("extract_erp", shell`python extract_erp.py --day {{ ds }}`);
 * task("count", shell({ interpreter: "bash" })`zcat {{ params.file }} | wc -l`);
 * task("report", shell.file("scripts/report.sh", { args: ["{{ ds }}"] }));
 */
export const shell = Object.assign(shellText, { file: shellFile });

type ShellConfig = ShellFileOptions &
  ({ readonly script: TaggedText & { readonly file?: string } } | { readonly path: string });

const makeShell = defineTaskKind({ name: "shell", command: shellCommand });

interface Given {
  readonly options: ShellOptions;
  readonly at: SourceLocation;
}

function ofTagged(strings: TemplateStringsArray, values: readonly unknown[], { options, at }: Given): TaskKind<never> {
  return ofText(
    locatedAt(at, () => taggedText(strings, values)),
    options,
    at,
  );
}

function ofText(script: TaggedText, options: ShellOptions, at: SourceLocation): TaskKind<never> {
  return makeShell({ ...options, script }, at);
}

const INTERPRETERS = { sh: ["/bin/sh", "-e"], bash: ["bash", "-e", "-o", "pipefail"] } as const;

/** Linux refuses a longer argument. */
const TEXT_BYTES_MAX = 120 * 1024;

function shellCommand(config: ShellConfig): CommandOptions {
  const { interpreter = "sh", args = [], env = {}, cwd, skipExitCode } = config;
  const program = INTERPRETERS[interpreter];
  const common = {
    ...(cwd === undefined ? {} : { cwd }),
    ...(skipExitCode === undefined ? {} : { skipExitCode }),
  };
  if ("path" in config) {
    return { ...common, argv: [...program, config.path, ...args], versionedFileArg: program.length, env };
  }
  parseTaskTemplate(config.script.text, { file: config.script.file, known: Object.keys(config.script.values) });
  const { text, env: placeholders } = shellTemplate(config.script.text, config.script.file);
  const values = Object.entries(placeholders).map(([variable, template]) => [
    variable,
    valueTemplate(template, config.script),
  ]);
  checkLength(text);
  const argv = [...program, "-c", literalTemplate(text), config.script.file ?? "shell", ...args];
  return { ...common, argv, env: { ...env, ...Object.fromEntries(values) } };
}

function checkLength(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= TEXT_BYTES_MAX) return;
  throw new BatutaError("invalid_definition", `The shell text has ${bytes} bytes; ${TEXT_BYTES_MAX} fit.`, {
    hint: "Put it into a script without placeholders and give it arguments: shell.file(path, { args }).",
  });
}

/** A value that JavaScript put in is known by now; the others are looked up for each attempt. */
function valueTemplate(template: string, { values }: TaggedText): string {
  const name = template.slice(2, -2).trim();
  if (!Object.hasOwn(values, name)) return template;
  const value = values[name];
  return literalTemplate(typeof value === "string" ? value : JSON.stringify(value));
}

function readOptions(given: unknown, what: string, at: SourceLocation): ShellOptions {
  checkOptionNames<ShellOptions>(given, ["interpreter", "env", "cwd", "skipExitCode"], what, at);
  const { interpreter = "sh", env } = given;
  if (!Object.hasOwn(INTERPRETERS, interpreter)) {
    throw definitionError(`The interpreter of ${what} is ${String(interpreter)}.`, at, 'Write "sh" or "bash".');
  }
  checkEnvironment(env, what, at);
  return given;
}
