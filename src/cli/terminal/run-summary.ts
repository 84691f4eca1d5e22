import { formatBytes } from "../../core/bytes.ts";
import { formatDuration } from "../../core/duration.ts";
import { isJunction } from "../../core/junction.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { TaskRunState } from "../../core/state.ts";
import { foldedTasks } from "../folded-tasks.ts";
import type { FullRunReport, TaskReport } from "../run-report.ts";
import { counted } from "./counted.ts";
import type { Output } from "./output.ts";
import { reasonText } from "./reason-text.ts";
import { paintState, stateIcon, stateLabel } from "./state-style.ts";
import { type Column, renderTable } from "./table.ts";
import { graphLines } from "./task-graph.ts";

/** More tasks than this are summed up: only those that did not succeed have a line. */
const TASKS_LISTED_MAX = 200;

type Page = Pick<Output, "columns" | "colors" | "isTty">;

/** A table of the tasks of a run, with the graph beside their names on a terminal. */
export function runSummary(report: FullRunReport, pipeline: PipelineSpec, output: Page): string {
  const tasks = foldedTasks(report.tasks);
  if (tasks.length > TASKS_LISTED_MAX) return summedUp(report, output);
  const table = output.isTty && isWhole(tasks, pipeline) ? drawn(tasks, pipeline, output) : listed(tasks, output);
  const odd = report.tasks.filter(({ mapKey, state }) => mapKey !== undefined && !FINE.includes(state));
  return odd.length === 0
    ? table
    : [table, "", listed(odd.slice(0, ITEMS_LISTED_MAX), output), ...more(odd)].join("\n");
}

/** Items that did not go well, each with a line. */
const ITEMS_LISTED_MAX = 20;
const FINE: readonly TaskRunState[] = ["success", "skipped", "upstream_failed", "removed"];

function listed(tasks: readonly TaskReport[], output: Pick<Output, "columns" | "colors">): string {
  return renderTable(
    COLUMNS,
    tasks.map((task) => [shownName(task), ...cells(task, output)]),
    output,
  );
}

function shownName({ name, label = "" }: TaskReport): string {
  return label === "" ? name : `${name} ${label}`;
}

function more(odd: readonly TaskReport[]): readonly string[] {
  const left = odd.length - ITEMS_LISTED_MAX;
  return left <= 0 ? [] : [`… and ${counted(left, "item")} more (--json lists all)`];
}

const COLUMNS: readonly Column[] = [
  { title: "TASK" },
  { title: "STATE" },
  { title: "ATTEMPTS", align: "right", whenNarrow: "yields" },
  { title: "TIME", align: "right" },
  { title: "CPU", align: "right", whenNarrow: "yields" },
  { title: "MEMORY", align: "right", whenNarrow: "yields" },
  { title: "NOTE", whenNarrow: "shrinks" },
];

/** Whether each task that people see has one task run. */
function isWhole(tasks: readonly TaskReport[], pipeline: PipelineSpec): boolean {
  const names = pipeline.tasks.flatMap((task) => (isJunction(task) ? [] : [task.name]));
  return tasks.length === names.length && tasks.every(({ name }, index) => name === names[index]);
}

/** The table with the lanes of the graph in its first column; lines of edges have nothing beside them. */
function drawn(
  tasks: readonly TaskReport[],
  pipeline: PipelineSpec,
  output: Pick<Output, "columns" | "colors">,
): string {
  const { colors } = output;
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const reportOf = (task: number): TaskReport | undefined => byName.get(pipeline.tasks[task]?.name ?? "");
  const icon = (task: number): string => {
    const state = reportOf(task)?.state ?? "scheduled";
    return paintState(colors, state, stateIcon(state));
  };
  const rows = graphLines(pipeline, icon).map(({ drawing, task }) => {
    const row = task === undefined ? undefined : reportOf(task);
    return row === undefined ? [colors.dim(drawing)] : [`${drawing} ${row.name}`, ...cells(row, output)];
  });
  return renderTable(COLUMNS, rows.map(filled), output);
}

function filled(row: readonly string[]): readonly string[] {
  return COLUMNS.map((_, index) => row[index] ?? "");
}

function cells(task: TaskReport, { colors }: Pick<Output, "colors">): readonly string[] {
  return [
    paintState(colors, task.state, stateLabel(task.state)),
    task.attempts === 0 ? "" : String(task.attempts),
    task.durationMs === undefined ? "" : formatDuration(task.durationMs),
    task.cpuMs === undefined ? "" : formatDuration(task.cpuMs),
    // What ended before it was looked at once has used nothing that is known.
    task.peakMemoryBytes === undefined || task.peakMemoryBytes === 0 ? "" : formatBytes(task.peakMemoryBytes),
    note(task),
  ];
}

/** Failures are told at length elsewhere; here only what the state does not say. */
function note({ state, reason, failure }: TaskReport): string {
  return failure === undefined ? reasonText(reason, state) : reasonText(failure.reason, state).replaceAll("_", " ");
}

function summedUp(report: FullRunReport, output: Pick<Output, "columns" | "colors">): string {
  const byState = Map.groupBy(report.tasks, (task) => task.state);
  const counts = [...byState].map(([state, tasks]) => [
    paintState(output.colors, state, stateLabel(state)),
    tasks.length.toLocaleString("en"),
  ]);
  const table = renderTable([{ title: "STATE" }, { title: "TASKS", align: "right" }], counts, output);
  const odd = report.tasks.filter((task) => !UNREMARKABLE.includes(task.state));
  if (odd.length === 0) return table;
  const shown = odd.slice(0, TASKS_LISTED_MAX);
  const rest =
    odd.length > shown.length ? [`… and ${counted(odd.length - shown.length, "task")} more (--json lists all)`] : [];
  return [
    table,
    "",
    renderTable(
      COLUMNS,
      shown.map((task) => [shownName(task), ...cells(task, output)]),
      output,
    ),
    ...rest,
  ].join("\n");
}

const UNREMARKABLE: readonly TaskRunState[] = ["success", "upstream_failed", "skipped", "removed"];
