/**
 * Draws a graph as `git log --graph` does: a line for each task, in the given order, and to its left the lanes in which
 * finished work waits for its dependants. One line a task leaves room for what there is to say of it, and the picture
 * stays readable where boxes beside each other would not fit a terminal.
 *
 * A lane belongs to one task and stays open until the last of its dependants is drawn. Where a horizontal line crosses a
 * lane without touching it, the lane is drawn unbroken: `─│─` crosses, `─┼─` joins.
 */
export interface GraphNode {
  /** Indexes of the nodes it follows; all smaller than its own. */
  readonly upstream: readonly number[];
}

export type GraphRow =
  | { readonly kind: "edges"; readonly drawing: string }
  /** The lanes beside the node; between them stand its icon, one column wide, and a space. */
  | { readonly kind: "node"; readonly node: number; readonly before: string; readonly after: string };

/** Undefined when more than `lanesMax` lanes would stand beside each other. */
export function drawLanes(nodes: readonly GraphNode[], lanesMax: number): readonly GraphRow[] | undefined {
  const remaining = dependantCounts(nodes);
  const lanes: Lanes = [];
  const rows: GraphRow[] = [];
  for (const [node, { upstream }] of nodes.entries()) {
    const step = place(lanes, node, upstream, remaining);
    if (step.edges !== undefined) rows.push({ kind: "edges", drawing: step.edges });
    if (lanes.length > lanesMax) return undefined;
    rows.push({ kind: "node", node, ...beside(lanes, step.column) });
    if (remaining[node] === 0) lanes[step.column] = undefined;
    while (lanes.length > 0 && lanes.at(-1) === undefined) lanes.pop();
  }
  return rows;
}

/** Lane -> the node whose dependants it waits for. */
type Lanes = (number | undefined)[];

function dependantCounts(nodes: readonly GraphNode[]): number[] {
  const counts = nodes.map(() => 0);
  for (const { upstream } of nodes) for (const index of upstream) counts[index] = (counts[index] ?? 0) + 1;
  return counts;
}

/** Gives the node its column, closes the lanes it was the last to wait for, and draws what joins them to it. */
function place(
  lanes: Lanes,
  node: number,
  upstream: readonly number[],
  remaining: number[],
): { readonly column: number; readonly edges: string | undefined } {
  const before = [...lanes];
  const joined = upstream.map((index) => lanes.indexOf(index)).sort((one, other) => one - other);
  for (const lane of joined) {
    const owner = lanes[lane];
    if (owner === undefined) continue;
    remaining[owner] = (remaining[owner] ?? 0) - 1;
    if (remaining[owner] === 0) lanes[lane] = undefined;
  }
  const column = joined.find((lane) => lanes[lane] === undefined) ?? freeColumn(before, joined);
  lanes[column] = node;
  const straight = joined.length === 0 || (joined.length === 1 && joined[0] === column);
  return { column, edges: straight ? undefined : edges({ before, after: lanes, joined, column }) };
}

/** The first free lane to the right of those it comes from. */
function freeColumn(lanes: Lanes, joined: readonly number[]): number {
  let column = Math.max(-1, ...joined) + 1;
  while (lanes[column] !== undefined) column += 1;
  return column;
}

interface Crossing {
  readonly before: Lanes;
  readonly after: Lanes;
  readonly joined: readonly number[];
  readonly column: number;
}

function edges({ before, after, joined, column }: Crossing): string {
  const first = Math.min(column, ...joined);
  const last = Math.max(column, ...joined);
  const width = Math.max(before.length, after.length);
  let drawing = "";
  for (let lane = 0; lane < width; lane++) {
    const up = before[lane] !== undefined;
    const down = after[lane] !== undefined;
    const touches = lane === column || joined.includes(lane);
    const within = lane >= first && lane <= last;
    drawing += touches ? corner(up, down, lane > first, lane < last) : up || down ? "│" : within ? "─" : " ";
    drawing += lane >= first && lane < last ? "─" : " ";
  }
  return drawing.trimEnd();
}

function corner(up: boolean, down: boolean, left: boolean, right: boolean): string {
  return CORNERS[(up ? 8 : 0) + (down ? 4 : 0) + (left ? 2 : 0) + (right ? 1 : 0)] ?? " ";
}

/** By the directions in which a line leaves: up, down, left, right as bits 8, 4, 2, 1. */
const CORNERS = [" ", "╶", "╴", "─", "╷", "╭", "╮", "┬", "╵", "╰", "╯", "┴", "│", "├", "┤", "┼"];

function beside(lanes: Lanes, column: number): { readonly before: string; readonly after: string } {
  const bars = lanes.map((owner) => (owner === undefined ? "  " : "│ "));
  return {
    before: bars.slice(0, column).join(""),
    after: bars
      .slice(column + 1)
      .join("")
      .trimEnd(),
  };
}
