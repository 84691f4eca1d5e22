import type { Json } from "../../core/json.ts";
import type { SourceLocation } from "../../core/manifest.ts";
import { callSite } from "../../sdk/call-site.ts";
import { checkOptionNames, isText, listOf, locatedAt } from "../../sdk/option-values.ts";
import { type CommandOptions, defineTaskKind, type TaskKind } from "../../sdk/task-kind.ts";
import { checkEnvironment } from "../environment.ts";
import { projectFile } from "../project-file.ts";
import { type Interpolated, isTemplateStrings, joinTagged, literalTemplate } from "../tagged-text.ts";

/**
 * What may be said of a Python program.
 *
 * @example
 * const options: PythonOptions = { args: ["--day", "{{ ds }}"], interpreter: ".venv/bin/python" };
 */
export interface PythonOptions {
  /** Arguments; they may hold placeholders and reach the program as `sys.argv[1]` … */
  readonly args?: readonly string[];
  /** `python3` when absent; a path such as `.venv/bin/python` is relative to the project folder. */
  readonly interpreter?: string;
  /** Environment variables; their values may hold placeholders. */
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project folder, which is where it runs otherwise. */
  readonly cwd?: string;
  /** The exit code that means "skipped"; 99 when absent. */
  readonly skipExitCode?: number;
}

type PythonTag = <T = Json>(strings: TemplateStringsArray, ...values: readonly Interpolated[]) => TaskKind<T>;

function pythonCode<T = Json>(strings: TemplateStringsArray, ...values: readonly Interpolated[]): TaskKind<T>;
function pythonCode<T = Json>(code: string, options?: PythonOptions): TaskKind<T>;
function pythonCode(options: PythonOptions): PythonTag;
function pythonCode(
  first: TemplateStringsArray | string | PythonOptions,
  ...rest: readonly unknown[]
): TaskKind | PythonTag {
  const at = callSite(pythonCode);
  if (isTemplateStrings(first)) return makePython({ code: codeOf(first, rest, at) }, at);
  if (typeof first === "string") {
    return makePython({ ...readOptions(rest[0] ?? {}, "python(…)", at), code: first }, at);
  }
  const options = readOptions(first, "python(…)", at);
  return function tag(strings, ...values) {
    const place = callSite(tag);
    return makePython({ ...options, code: codeOf(strings, values, place) }, place);
  };
}

function pythonFile<T = Json>(path: string, options: PythonOptions = {}): TaskKind<T> {
  const at = callSite(pythonFile);
  const settings = readOptions(options, "python.file(…)", at);
  return makePython({ ...settings, path: projectFile(path, at).path }, at);
}

/**
 * Runs Python code with `python3`, in the project folder. The code is taken as it is: braces mean what they mean in
 * Python, and what JavaScript puts in by `${…}` becomes a Python literal. The run's facts are in the environment
 * (`os.environ["BATUTA_DS"]`, …), and arguments may hold placeholders. `python.file` runs a program of the project, as
 * it was when the run began.
 *
 * @example
 * task("extract", python.file("extract.py", { args: ["--day", "{{ ds }}"] }));
 * task("hello", python`print("regions:", ${3})`);
 */
export const python = Object.assign(pythonCode, { file: pythonFile });

type PythonConfig = PythonOptions & ({ readonly code: string } | { readonly path: string });

const makePython = defineTaskKind({ name: "python", command: pythonCommand });

/** Unbuffered, so that a line is in the log when it was printed. */
const FLAGS = ["-u"];

function pythonCommand(config: PythonConfig): CommandOptions {
  const { args = [], interpreter = "python3", env = {}, cwd, skipExitCode } = config;
  const program = [literalTemplate(interpreter), ...FLAGS];
  const common = {
    ...(cwd === undefined ? {} : { cwd }),
    ...(skipExitCode === undefined ? {} : { skipExitCode }),
  };
  if ("code" in config) return { ...common, env, argv: [...program, "-c", literalTemplate(config.code), ...args] };
  return {
    ...common,
    argv: [...program, config.path, ...args],
    versionedFileArg: program.length,
    // The sources of a version are never written to, not even by the interpreter's own cache.
    env: { PYTHONDONTWRITEBYTECODE: "1", ...env },
  };
}

function codeOf(strings: TemplateStringsArray, values: readonly unknown[], at: SourceLocation): string {
  return locatedAt(at, () => joinTagged(strings, values, pythonLiteral));
}

/** JSON is nearly Python: only its three words differ. */
function pythonLiteral(value: Interpolated): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" && !Number.isFinite(value)) return `float("${value}")`;
  return JSON.stringify(value);
}

const OPTION_NAMES = ["args", "interpreter", "env", "cwd", "skipExitCode"] as const;

function readOptions(given: unknown, what: string, at: SourceLocation): PythonOptions {
  checkOptionNames<PythonOptions>(given, OPTION_NAMES, what, at);
  const hint = 'Write a list of texts: args: ["--day", "{{ ds }}"].';
  if (given.args !== undefined) listOf(given.args, isText, { what: `\`args\` of ${what}`, at, hint });
  checkEnvironment(given.env, what, at);
  return given;
}
