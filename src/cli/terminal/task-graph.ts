import type { PipelineSpec } from "../../core/manifest.ts";
import { type VisibleTask, visibleGraph } from "../../core/visible-graph.ts";
import { drawLanes, type GraphNode } from "./lane-graph.ts";
import { padEnd, textWidth } from "./text-width.ts";

/** A line of the picture: the lanes with the task's icon in them, and which task the rest of the line is about. */
export interface GraphLine {
  readonly drawing: string;
  /** Absent for a line of edges alone. */
  readonly task?: number;
}

/** More lanes than this beside each other help nobody. */
const LANES_MAX = 16;

/**
 * The graph of a pipeline, all drawings equally wide. A graph too wide to draw comes as a plain list of its tasks.
 * `icon` gives the one character (colour codes apart) that stands for a task.
 */
export function graphLines(
  pipeline: Pick<PipelineSpec, "tasks">,
  icon: (task: number) => string,
): readonly GraphLine[] {
  const tasks = visibleGraph(pipeline.tasks);
  const rows = drawLanes(nodesOf(tasks), LANES_MAX);
  if (rows === undefined) return tasks.map(({ index }) => ({ drawing: icon(index), task: index }));
  const lines = rows.map((row): GraphLine => {
    if (row.kind === "edges") return { drawing: row.drawing };
    const task = tasks[row.node]?.index ?? -1;
    const drawing = [`${row.before}${icon(task)}`, row.after].filter((part) => part !== "").join(" ");
    return { drawing, task };
  });
  const width = lines.reduce((widest, line) => Math.max(widest, textWidth(line.drawing)), 0);
  return lines.map((line) => ({ ...line, drawing: padEnd(line.drawing, width) }));
}

/** True when the tasks can be drawn with their edges; otherwise the edges have to be said in words. */
export function isDrawable(pipeline: Pick<PipelineSpec, "tasks">): boolean {
  return drawLanes(nodesOf(visibleGraph(pipeline.tasks)), LANES_MAX) !== undefined;
}

/** The tasks as nodes that know each other by their place among the visible ones. */
function nodesOf(tasks: readonly VisibleTask[]): readonly GraphNode[] {
  const places = new Map(tasks.map(({ index }, place) => [index, place]));
  return tasks.map(({ upstream }) => ({ upstream: upstream.map((index) => places.get(index) ?? -1) }));
}
