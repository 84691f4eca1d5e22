import type { Json } from "../../core/json.ts";
import { isJunction } from "../../core/junction.ts";
import type { PipelineSpec, TaskSpec } from "../../core/manifest.ts";
import type { TaskRunState } from "../../core/state.ts";
import { sourceText } from "../../core/trigger/explain-trigger.ts";
import { visibleGraph } from "../../core/visible-graph.ts";
import { groupTable } from "./group-table.ts";
import type { Output } from "./output.ts";
import { retriesText, shortDuration } from "./retries-text.ts";
import { scheduleText } from "./schedule-text.ts";
import { paintState, stateIcon, stateLabel } from "./state-style.ts";
import { type Column, renderTable } from "./table.ts";
import { graphLines, isDrawable } from "./task-graph.ts";
import { someNames, taskNotes } from "./task-notes.ts";

/** States of a run to colour the picture with; a task that is not in it does not belong to the run. */
export type TaskStates = ReadonlyMap<number, TaskRunState>;

type Page = Pick<Output, "columns" | "colors">;

/** All there is to say of a pipeline: what it is, its parameters, and its graph with a line for each task. */
export function pipelinePicture(pipeline: PipelineSpec, output: Page, states?: TaskStates): string {
  const parts = [
    heading(pipeline, output),
    parameters(pipeline.params, output),
    graph(pipeline, output, states),
    groupTable(pipeline, output),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function heading(pipeline: PipelineSpec, { colors }: Page): string {
  const { name, location, description, owner, tags, schedules = [], triggers = [], timezone } = pipeline;
  const starters = [...schedules.map(scheduleText), ...triggers.map(({ source }) => sourceText(source))];
  const facts = [
    ...(starters.length === 0 ? ["no schedule"] : starters),
    ...(schedules.length === 0 && timezone !== "UTC" ? [`time zone ${timezone}`] : []),
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(tags.length === 0 ? [] : [`tags ${tags.join(", ")}`]),
  ];
  return [
    `${colors.bold(name)}  ${colors.dim(`${location.file}:${location.line}`)}`,
    ...(description === undefined ? [] : [description]),
    colors.dim(facts.join(" · ")),
  ].join("\n");
}

function graph(pipeline: PipelineSpec, output: Page, states: TaskStates | undefined): string {
  const { colors } = output;
  const icon = (task: number): string => {
    if (states === undefined) return colors.cyan("●");
    const state = states.get(task);
    return state === undefined ? " " : paintState(colors, state, stateIcon(state));
  };
  const lines = graphLines(pipeline, icon);
  const shown = pipeline.tasks.filter((task) => !isJunction(task));
  const columns = COLUMNS.filter((column) => column.always || shown.some((task) => column.cell(task) !== ""));
  const edges = isDrawable(pipeline) ? [] : [upstreamColumn(pipeline)];
  const titles: Column[] = [
    { title: "TASK" },
    ...(states === undefined ? [] : [{ title: "STATE" }]),
    ...columns.map(({ title }) => ({ title })),
    ...edges.map(({ title }) => ({ title, whenNarrow: "shrinks" })),
    { title: "NOTES", whenNarrow: "shrinks" },
  ];
  const rows = lines.map(({ drawing, task }) => {
    const spec = task === undefined ? undefined : pipeline.tasks[task];
    if (spec === undefined || task === undefined) return [colors.dim(drawing)];
    const state = states?.get(task);
    return [
      `${drawing} ${spec.name}`,
      ...(states === undefined
        ? []
        : [state === undefined ? colors.dim("-") : paintState(colors, state, stateLabel(state))]),
      ...columns.map((column) => column.cell(spec)),
      ...edges.map((column) => column.cell(task)),
      taskNotes(spec, task, pipeline),
    ];
  });
  return renderTable(titles, rows, output);
}

interface TaskColumn {
  readonly title: string;
  readonly always?: boolean;
  cell(task: TaskSpec): string;
}

const COLUMNS: readonly TaskColumn[] = [
  { title: "KIND", always: true, cell: (task) => task.kind },
  { title: "WHEN", cell: (task) => (task.when === "all_success" ? "" : task.when) },
  { title: "RETRIES", cell: (task) => retriesText(task.retries) },
  { title: "TIMEOUT", cell: (task) => (task.timeoutMs === undefined ? "" : shortDuration(task.timeoutMs)) },
];

function upstreamColumn({ tasks }: PipelineSpec): Omit<TaskColumn, "cell"> & { cell(task: number): string } {
  const upstream = new Map(visibleGraph(tasks).map((task) => [task.index, task.upstream]));
  return {
    title: "AFTER",
    cell: (task) => {
      const names = (upstream.get(task) ?? []).map((index) => tasks[index]?.name ?? "");
      return someNames(names, UPSTREAM_NAMED_MAX);
    },
  };
}

const UPSTREAM_NAMED_MAX = 3;

/** A line for each parameter: `region  "eu" | "us"  default "eu"`. */
function parameters(schema: Json | undefined, output: Page): string {
  const properties = field(schema, "properties");
  if (!isRecord(properties) || Object.keys(properties).length === 0) return "";
  const required = field(schema, "required");
  const rows = Object.entries(properties).map(([name, property]) => {
    const fallback = field(property, "default");
    const needed = Array.isArray(required) && required.includes(name) && fallback === undefined;
    const description = field(property, "description");
    return [
      name,
      typeText(property),
      fallback !== undefined ? `default ${JSON.stringify(fallback)}` : needed ? "required" : "optional",
      typeof description === "string" ? description : "",
    ];
  });
  const titles: Column[] = [
    { title: "PARAMETER" },
    { title: "TYPE", whenNarrow: "shrinks" },
    { title: "" },
    { title: "", whenNarrow: "shrinks" },
  ];
  return renderTable(titles, rows, output);
}

function typeText(schema: Json | undefined): string {
  const listed = field(schema, "enum");
  if (Array.isArray(listed)) return listed.map((value) => JSON.stringify(value)).join(" | ");
  const constant = field(schema, "const");
  if (constant !== undefined) return JSON.stringify(constant);
  const parts = field(schema, "anyOf") ?? field(schema, "oneOf");
  if (Array.isArray(parts)) return parts.map(typeText).join(" | ");
  const type = field(schema, "type");
  if (type === "array") {
    const item = typeText(field(schema, "items"));
    return item.includes(" | ") ? `(${item})[]` : `${item}[]`;
  }
  return typeof type === "string" ? type : "any";
}

function field(value: Json | undefined, name: string): Json | undefined {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
