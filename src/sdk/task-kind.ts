import type { PollLook } from "../core/definition.ts";
import type { Json, Jsonify } from "../core/json.ts";
import type { ChildSpec, CommandSpec, SensorSpec, SourceLocation } from "../core/manifest.ts";
import { parseTaskTemplate } from "../core/task-template.ts";
import { callSite, definitionError } from "./call-site.ts";
import { locatedAt } from "./option-values.ts";
import type { Serialisable } from "./serialisable.ts";
import type { TaskContext } from "./task-context.ts";

declare const result: unique symbol;

/**
 * Work that a task can be given instead of a function, such as a shell command or an SQL statement. `T` is the type
 * of the value that dependants receive.
 *
 * @example
 * const listFiles: TaskKind = shell`ls -l`;
 */
export interface TaskKind<T = Json> {
  readonly batuta: "kind";
  /** For people: `shell`, `sql`, … */
  readonly kind: string;
  readonly work: KindWork;
  /** Connections that the task needs beside those in its own options. */
  readonly connections: readonly string[];
  readonly [result]?: T;
}

export type KindWork =
  | { readonly via: "function"; readonly run: (context: TaskContext) => unknown }
  | { readonly via: "process"; readonly command: CommandSpec }
  | ({ readonly via: "pipeline" } & ChildSpec)
  | {
      readonly via: "sensor";
      readonly sensor: SensorSpec;
      /** Absent where nobody has to look but Batuta. */
      readonly poll?: (context: TaskContext, look: PollLook) => unknown;
    };

/**
 * What a kind that runs a program says of it; `argv` and `env` may hold `{{ }}` templates.
 *
 * @example
 * const command: CommandOptions = { argv: ["rsync", "-a", "{{ params.from }}", "/lake"], skipExitCode: 23 };
 */
export interface CommandOptions {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the project folder. */
  readonly cwd?: string;
  /** Index in `argv` of a file of the project, of which the run's own version is used. */
  readonly versionedFileArg?: number;
  /** The exit code that means `skip()`; 99 when absent. */
  readonly skipExitCode?: number;
}

/** What every kind says of itself. */
export interface KindBase<Config> {
  /** Lower-case words joined by `-`. */
  readonly name: string;
  /** Any Standard Schema, such as a zod object: the configuration is checked when the pipeline file is loaded. */
  readonly schema?: ConfigSchema<Config>;
  /** Names of the connections that a configuration needs. */
  readonly connections?: (config: Config) => readonly string[];
}

interface ConfigSchema<Config> {
  readonly "~standard": {
    readonly validate: (value: unknown) => ConfigResult<Config> | Promise<ConfigResult<Config>>;
  };
}

type ConfigResult<Config> =
  | { readonly value: Config; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/**
 * A kind that runs in the task process, as a function of context and configuration.
 *
 * @example
 * const kind: FunctionKind<{ name: string }, string> = { name: "greet", run: (_, { name }) => `Hello ${name}` };
 */
export interface FunctionKind<Config, R> extends KindBase<Config> {
  readonly run: (context: TaskContext, config: Config) => R & Serialisable<R>;
}

/**
 * A kind that runs a program. `command` is called when the pipeline file is loaded and gives plain data.
 *
 * @example
 * const kind: ProcessKind<{ folder: string }> = { name: "list", command: ({ folder }) => ({ argv: ["ls", folder] }) };
 */
export interface ProcessKind<Config> extends KindBase<Config> {
  readonly command: (config: Config) => CommandOptions;
}

/**
 * A kind that starts a run of another pipeline of the project. `child` is called when the pipeline file is loaded; the
 * parameters may hold `{{ }}` templates.
 *
 * @example
 * const kind: PipelineKind<string> = { name: "reload", child: (table) => ({ pipeline: "load", params: { table }, wait: true }) };
 */
export interface PipelineKind<Config> extends KindBase<Config> {
  readonly child: (config: Config) => ChildSpec;
}

/**
 * Makes a kind of task. Batuta's own kinds (`shell`, `sql`, `http`, …) are made by this function and nothing else; a
 * package that exports another one is used by importing it. The function that comes back takes the configuration and,
 * where a function of yours stands between it and the user, the place of the user's call for error messages.
 *
 * @example
 * export const copyObject = defineTaskKind({
 *   name: "copy-object",
 *   schema: z.object({ from: z.string(), to: z.string() }),
 *   run: async ({ signal }, { from, to }) => copy(from, to, signal),
 * });
 * task("copy_orders", copyObject({ from: "s3://raw/orders", to: "s3://lake/orders" }));
 */
export function defineTaskKind<Config, R>(
  kind: FunctionKind<Config, R>,
): (config: Config, at?: SourceLocation) => TaskKind<Jsonify<Awaited<R>>>;
export function defineTaskKind<Config>(
  kind: ProcessKind<Config>,
): <T = Json>(config: Config, at?: SourceLocation) => TaskKind<T>;
export function defineTaskKind<Config>(
  kind: PipelineKind<Config>,
): <T = Json>(config: Config, at?: SourceLocation) => TaskKind<T>;
export function defineTaskKind<Config>(
  kind: AnyKind<Config>,
): (config: Config, at?: SourceLocation) => TaskKind<never> {
  checkKindName(kind.name, callSite(defineTaskKind));
  return function make(given, at = callSite(make)) {
    const config = readConfig(kind, given, at);
    return locatedAt(at, () => ({
      batuta: "kind",
      kind: kind.name,
      work: workOf(kind, config),
      connections: kind.connections?.(config) ?? [],
    }));
  };
}

export function checkKindName(name: string, at: SourceLocation): void {
  if (KIND_NAME.test(name)) return;
  const hint = 'Use lower-case words joined by "-", such as "copy-object".';
  throw definitionError(`${JSON.stringify(name)} is no name for a task kind.`, at, hint);
}

export function isTaskKind(candidate: unknown): candidate is TaskKind {
  return typeof candidate === "object" && candidate !== null && "batuta" in candidate && candidate.batuta === "kind";
}

const KIND_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const SKIP_EXIT_CODE = 99;

type AnyKind<Config> = FunctionKind<Config, unknown> | ProcessKind<Config> | PipelineKind<Config>;

function workOf<Config>(kind: AnyKind<Config>, config: Config): KindWork {
  if ("child" in kind) return { via: "pipeline", ...kind.child(config) };
  if ("run" in kind) return { via: "function", run: (context) => kind.run(context, config) };
  const { env = {}, skipExitCode = SKIP_EXIT_CODE, ...command } = kind.command(config);
  checkTemplates({ ...command, env });
  return { via: "process", command: { ...command, env, skipExitCode } };
}

/** A name that no run knows is an error of the file, not of the attempt at night. */
function checkTemplates({ argv, env, versionedFileArg }: CommandOptions): void {
  const texts = [...argv.filter((_, index) => index !== versionedFileArg), ...Object.values(env ?? {})];
  for (const text of texts) if (text.includes("{{")) parseTaskTemplate(text);
}

/** A configuration that its schema has judged. */
export function readConfig<Config>(kind: KindBase<Config>, given: Config, at: SourceLocation): Config {
  if (kind.schema === undefined) return given;
  const checked = kind.schema["~standard"].validate(given);
  if (checked instanceof Promise) {
    throw definitionError(`The schema of kind "${kind.name}" is asynchronous.`, at, "Use a synchronous schema.");
  }
  if (checked.issues === undefined) return checked.value;
  const list = checked.issues.map((issue) => issue.message).join("; ");
  throw definitionError(`${kind.name}(…) is configured wrongly: ${list}.`, at, "Mend the configuration it is given.");
}
