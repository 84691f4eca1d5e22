import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import type { CursorRecord } from "../store/cursor-store.ts";
import type { Cli } from "./cli.ts";
import { findPipeline } from "./find-pipeline.ts";
import { compile, type Workspace } from "./workspace.ts";

/** A cursor as people see it. */
export interface CursorReport {
  readonly name: string;
  readonly value: Json;
  /** How often it has been moved. */
  readonly version: number;
  readonly movedAt: string | null;
  /** A person, or the task of a run. */
  readonly movedBy: string | null;
}

export interface CursorsOfPipeline {
  readonly pipeline: string;
  /** In the order of their names: those its tasks name, and those they named once. */
  readonly cursors: readonly CursorReport[];
}

/** A pipeline whose cursors have been moved need not load: a broken one above all may have to be rewound. */
export async function cursorReports(
  cli: Cli,
  { store, project }: Pick<Workspace, "store" | "project">,
  reference: string,
): Promise<CursorsOfPipeline> {
  const compiled = await compile(cli, project);
  const exact = compiled.manifest.pipelines.find(({ name }) => name === reference);
  const known = await store.cursors(project.name, reference);
  const spec = exact ?? (known.length > 0 ? undefined : findPipeline(cli, compiled, reference));
  const pipeline = spec?.name ?? reference;
  const moved = pipeline === reference ? known : await store.cursors(project.name, pipeline);
  return { pipeline, cursors: reportsOf(spec, moved) };
}

function toCursorReport({ name, value, version, movedAt, movedBy }: CursorRecord): CursorReport {
  const by = movedBy.kind === "person" ? movedBy.actor : `${movedBy.task} of run ${movedBy.run}`;
  return { name, value, version, movedAt: new Date(movedAt).toISOString(), movedBy: by };
}

function reportsOf(spec: PipelineSpec | undefined, moved: readonly CursorRecord[]): readonly CursorReport[] {
  const reports = new Map<string, CursorReport>();
  for (const { cursor } of spec?.tasks ?? []) {
    if (cursor === undefined) continue;
    const { name, initial = null } = cursor;
    reports.set(name, { name, value: initial, version: 0, movedAt: null, movedBy: null });
  }
  for (const record of moved) reports.set(record.name, toCursorReport(record));
  return [...reports.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}
