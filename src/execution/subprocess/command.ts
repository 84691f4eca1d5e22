import { isAbsolute, join, resolve, sep } from "node:path";
import type { CommandSpec } from "../../core/manifest.ts";
import { lastItem } from "../../core/map-path.ts";
import { BatutaError } from "../../core/problem.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { parseTemplate, renderTemplate, type TemplateScope } from "../../core/template.ts";
import { templateScope } from "../../core/template-scope.ts";
import type { Files } from "../../ports/files.ts";
import type { AttemptOrder } from "../executor.ts";

/** A command with everything filled in. */
export interface RenderedCommand {
  readonly argv: readonly [program: string, ...args: readonly string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface CommandPlaces {
  readonly projectDir: string;
  /** Sources of the run's own version. */
  readonly rootDir: string;
  readonly files: Files;
  /** JSON text of what a task run of a map is for. */
  readonly item: string | undefined;
}

/** Fills in the templates of one attempt. Throws `invalid_template` or `not_found`, which mean that it cannot start. */
export function renderCommand(command: CommandSpec, order: AttemptOrder, places: CommandPlaces): RenderedCommand {
  let scope: TemplateScope | undefined;
  const render = (text: string): string => {
    if (!text.includes("{{")) return text;
    scope ??= scopeOf(order, places.item);
    return renderTemplate(parseTemplate(text), scope);
  };
  const { projectDir, files } = places;
  const cwd = resolve(projectDir, command.cwd ?? ".");
  if (files.stat(cwd)?.kind !== "folder") {
    throw new BatutaError("not_found", `The folder in which the command runs is not there: ${cwd}.`, {
      hint: "`cwd` is relative to the project folder.",
    });
  }
  const [program = "", ...args] = command.argv.map((text, index) =>
    index === command.versionedFileArg ? versionedFile(text, places) : render(text),
  );
  const env = Object.fromEntries(Object.entries(command.env).map(([name, text]) => [name, render(text)]));
  return { argv: [programPath(program, projectDir), ...args], env, cwd };
}

function scopeOf(order: AttemptOrder, item: string | undefined): TemplateScope {
  const { runId, pipeline, trigger, task, mapKey, attempt } = order;
  const { interval, isPartial, schedule, timezone, ds, params, lastSuccess } = order;
  const own = item === undefined ? {} : { item: parseJson(item), index: lastItem(mapKey) ?? 0 };
  return templateScope({
    ...{ interval, isPartial, schedule, timezone, ds, params, lastSuccess },
    ...{ run: { id: runId, pipeline, trigger }, task: task.name, attempt, ...own },
  });
}

/** `.venv/bin/python` is a file of the project, wherever the command runs; a bare name is looked for on PATH. */
function programPath(program: string, projectDir: string): string {
  return program.includes("/") && !isAbsolute(program) ? join(projectDir, program) : program;
}

/** The run stays on the version it began with, also where a file is not imported but given to a program. */
function versionedFile(file: string, { rootDir, files }: CommandPlaces): string {
  const path = resolve(rootDir, file);
  if (path.startsWith(rootDir + sep) && files.exists(path)) return path;
  throw new BatutaError("not_found", `The version of this run has no file ${file}.`, {
    hint: "Files that tasks run must lie in the project folder.",
  });
}
