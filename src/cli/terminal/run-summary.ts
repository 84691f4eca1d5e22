import { formatBytes } from "../../core/bytes.ts";
import { formatDuration } from "../../core/duration.ts";
import { isJunction } from "../../core/junction.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { TaskRunState } from "../../core/state.ts";
import { FoldedTasks } from "../folded-tasks.ts";
import type { TaskReport } from "../run-report.ts";
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
export function runSummary(reports: Iterable<TaskReport>, pipeline: PipelineSpec, output: Page): string {
  const tasks = new FoldedTasks();
  const oddItems = new FirstOf(ITEMS_LISTED_MAX);
  const odd = new FirstOf(TASKS_LISTED_MAX);
  const byState = new Map<TaskRunState, number>();
  for (const report of reports) {
    const { state, mapKey } = report;
    tasks.add(report);
    byState.set(state, (byState.get(state) ?? 0) + 1);
    if (UNREMARKABLE.includes(state)) continue;
    odd.add(report);
    if (mapKey !== undefined) oddItems.add(report);
  }
  const lines = tasks.tasks;
  if (lines.length > TASKS_LISTED_MAX) return summedUp(byState, odd, output);
  const table = output.isTty && isWhole(lines, pipeline) ? drawn(lines, pipeline, output) : listed(lines, output);
  return oddItems.isEmpty ? table : [table, "", ...firstLines(oddItems, "item", output)].join("\n");
}

/** The first of many, and how many there were. */
class FirstOf {
  readonly first: TaskReport[] = [];
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get left(): number {
    return this.#count - this.first.length;
  }

  add(report: TaskReport): void {
    this.#count += 1;
    if (this.first.length < this.#max) this.first.push(report);
  }
}

/** Items that did not go well, each with a line. */
const ITEMS_LISTED_MAX = 20;
const UNREMARKABLE: readonly TaskRunState[] = ["success", "upstream_failed", "skipped", "removed"];

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

/** Each with a line, and how many more there are. */
function firstLines(odd: FirstOf, noun: "item" | "task", output: Page): readonly string[] {
  const rest = odd.left === 0 ? [] : [`… and ${counted(odd.left, noun)} more (--json lists all)`];
  return [listed(odd.first, output), ...rest];
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

function summedUp(byState: ReadonlyMap<TaskRunState, number>, odd: FirstOf, output: Page): string {
  const counts = [...byState].map(([state, count]) => [
    paintState(output.colors, state, stateLabel(state)),
    count.toLocaleString("en"),
  ]);
  const table = renderTable([{ title: "STATE" }, { title: "TASKS", align: "right" }], counts, output);
  return odd.isEmpty ? table : [table, "", ...firstLines(odd, "task", output)].join("\n");
}
