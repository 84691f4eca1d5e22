import { isAbsolute, join, resolve, sep } from "node:path";
import type { CommandSpec } from "../../core/manifest.ts";
import { lastItem } from "../../core/map-path.ts";
import { BatutaError } from "../../core/problem.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { parseTemplate, renderTemplate, type TemplateScope, templateScope } from "../../core/template.ts";
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
  const scope = scopeOf(order, places.item);
  const { projectDir, files } = places;
  const cwd = resolve(projectDir, command.cwd ?? ".");
  if (files.stat(cwd)?.kind !== "folder") {
    throw new BatutaError("not_found", `The folder in which the command runs is not there: ${cwd}.`, {
      hint: "`cwd` is relative to the project folder.",
    });
  }
  const [program = "", ...args] = command.argv.map((text, index) =>
    index === command.versionedFileArg ? versionedFile(text, places) : render(text, scope),
  );
  const env = Object.fromEntries(Object.entries(command.env).map(([name, text]) => [name, render(text, scope)]));
  return { argv: [programPath(program, projectDir), ...args], env, cwd };
}

function scopeOf(order: AttemptOrder, item: string | undefined): TemplateScope {
  const { interval, timezone, ds, params, runId, pipeline, task, mapKey, attempt } = order;
  const own = item === undefined ? {} : { item: parseJson(item), index: lastItem(mapKey) ?? 0 };
  const run = { id: runId, pipeline };
  return templateScope({ interval, timezone, ds, params, run, task: task.name, attempt, ...own });
}

function render(text: string, scope: TemplateScope): string {
  return text.includes("{{") ? renderTemplate(parseTemplate(text), scope) : text;
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
