import type { PipelineSpec } from "../core/manifest.ts";
import type { TaskRunState } from "../core/state.ts";
import { visibleGraph } from "../core/visible-graph.ts";
import type { RehearsedRun, RunRecord } from "../store/store.ts";
import type { Answer, Cli } from "./cli.ts";
import { shortId } from "./run-reference.ts";
import { runReport } from "./run-report.ts";
import { formatInstant } from "./terminal/instant-text.ts";
import { intervalText } from "./terminal/interval-text.ts";
import { type Column, renderTable } from "./terminal/table.ts";
import { someNames, taskNotes } from "./terminal/task-notes.ts";

interface RehearsedTask {
  readonly name: string;
  /** As which it begins. */
  readonly state: TaskRunState;
  readonly after: readonly string[];
  readonly notes: string;
}

/** The run that would begin, with its tasks in order; nothing was changed, and no condition of a task was asked. */
export function rehearsedRun(cli: Cli, { run, taskRuns }: RehearsedRun, pipeline: PipelineSpec): Answer {
  const states = new Map(taskRuns.map(({ taskIndex, state }) => [taskIndex, state]));
  const tasks = visibleGraph(pipeline.tasks).flatMap(({ index, upstream }): readonly RehearsedTask[] => {
    const [task, state] = [pipeline.tasks[index], states.get(index)];
    if (task === undefined || state === undefined) return [];
    const after = upstream.map((from) => pipeline.tasks[from]?.name ?? "");
    return [{ name: task.name, state, after, notes: taskNotes(task, index, pipeline) }];
  });
  const { id: _, createdAt: __, startedAt: ___, ...planned } = runReport(run);
  return {
    data: { dryRun: true, newRun: { ...planned, tasks: tasks.map(({ notes: ____, ...task }) => task) } },
    text: () => text(cli, run, tasks),
  };
}

/** What `batuta run` would go on with in place of a new run. */
export function rehearsedResumption({ id, pipeline, ds, createdAt }: RunRecord): Answer {
  return {
    data: { dryRun: true, goesOnWith: { id, pipeline, ds } },
    text: () =>
      `It would go on with run ${shortId(id)} of ${pipeline} for ${ds}, begun ${formatInstant(createdAt)} and never finished (--new begins another).`,
  };
}

const AFTER_NAMED_MAX = 3;

function text({ out }: Cli, run: RunRecord, tasks: readonly RehearsedTask[]): string {
  const { pipeline, ds, interval, schedule, timezone, params, versionHash, state } = run;
  const begins = state === "queued" ? "would wait for its place" : "would begin";
  const facts = [
    ["interval", `${intervalText(interval)}${schedule === undefined ? "" : `, of schedule ${schedule}`} (${timezone})`],
    ["parameters", JSON.stringify(params)],
    ["version", versionHash.slice(0, 12)],
  ].map(([name = "", value = ""]) => `  ${name.padEnd(10)}  ${value}`);
  const rows = tasks.map(({ name, state: begin, after, notes }) => [
    name,
    begin,
    someNames(after, AFTER_NAMED_MAX),
    notes,
  ]);
  return [
    `A new run of ${pipeline} for ${ds} ${begins}.`,
    ...facts,
    "",
    renderTable(COLUMNS, rows, out),
    "",
    "Nothing was changed. runIf, doneWhen, caches and branches are asked when it runs.",
  ].join("\n");
}

const COLUMNS: readonly Column[] = [
  { title: "TASK" },
  { title: "BEGINS AS" },
  { title: "AFTER", whenNarrow: "shrinks" },
  { title: "NOTES", whenNarrow: "shrinks" },
];
