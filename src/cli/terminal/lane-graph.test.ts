import { describe, expect, it } from "vitest";
import { drawLanes, type GraphNode } from "./lane-graph.ts";

describe("drawLanes", () => {
  it("draws a chain as one straight lane", () => {
    expect(picture({ a: [], b: ["a"], c: ["b"] })).toEqual(["● a", "● b", "● c"]);
  });

  it("draws a diamond with a branch and a join", () => {
    expect(picture({ start: [], left: ["start"], right: ["start"], end: ["left", "right"] })).toEqual([
      "● start",
      "├─╮",
      "│ ● left",
      "● │ right",
      "├─╯",
      "● end",
    ]);
  });

  it("draws the pipeline every data engineer knows", () => {
    const flights = {
      extract_flights: [],
      extract_airports: [],
      join_sources: ["extract_flights", "extract_airports"],
      validate_data: ["join_sources"],
      transform_delays: ["join_sources"],
      load_warehouse: ["transform_delays"],
      notify_team: ["load_warehouse", "validate_data"],
    };
    expect(picture(flights)).toEqual([
      "● extract_flights",
      "│ ● extract_airports",
      "├─╯",
      "● join_sources",
      "├─╮",
      "│ ● validate_data",
      "● │ transform_delays",
      "● │ load_warehouse",
      "├─╯",
      "● notify_team",
    ]);
  });

  it("draws a lane that is only crossed unbroken, so that it is not taken for a join", () => {
    expect(picture({ a: [], b: [], c: [], d: ["a", "c"], e: ["b", "d"] })).toEqual([
      "● a",
      "│ ● b",
      "│ │ ● c",
      "├─│─╯",
      "● │ d",
      "├─╯",
      "● e",
    ]);
  });

  it("joins lanes that go on, and uses freed lanes again", () => {
    expect(picture({ a: [], b: [], x: ["a", "b"], y: ["a", "b"], alone: [], z: ["alone", "y"] })).toEqual([
      "● a",
      "│ ● b",
      "├─┼─╮",
      "│ │ ● x",
      "├─╯",
      "● y",
      "│ ● alone",
      "├─╯",
      "● z",
    ]);
  });

  it("gives up when the lanes would not fit", () => {
    const wide = [{ upstream: [] }, ...Array.from({ length: 30 }, () => ({ upstream: [0] }))];
    const join: GraphNode = { upstream: wide.map((_, index) => index).slice(1) };
    expect(drawLanes([...wide, join], 12)).toBeUndefined();
    expect(drawLanes([...wide, join], 40)).toBeDefined();
  });

  it("draws every task once, in order, and never an edge that begins or ends in the air", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const nodes = randomGraph(seed);
      const rows = drawLanes(nodes, 1_000) ?? [];
      expect(rows.flatMap((row) => (row.kind === "node" ? [row.node] : []))).toEqual([...nodes.keys()]);
      const lines = rows.map((row) => (row.kind === "edges" ? row.drawing : `${row.before}● ${row.after}`));
      for (const [index, line] of lines.entries()) checkEnds(line, lines[index + 1] ?? "", seed);
    }
  });
});

const DOWN = "│├┤┼╭╮┬";
const UP = "│├┤┼╰╯┴";
const RIGHT = "─├┼╭╰┬┴";
const LEFT = "─┤┼╮╯┬┴";

function checkEnds(line: string, below: string, seed: number): void {
  for (const [column, character] of [...line].entries()) {
    const under = below[column] ?? " ";
    const beside = line[column + 1] ?? " ";
    if (DOWN.includes(character)) expect(`${UP}●`, `seed ${seed}: ${line} / ${below}`).toContain(under);
    if (UP.includes(under)) expect(`${DOWN}●`, `seed ${seed}: ${line} / ${below}`).toContain(character);
    if (RIGHT.includes(character)) expect(`${LEFT}│`, `seed ${seed}: ${line}`).toContain(beside);
  }
}

function randomGraph(seed: number): GraphNode[] {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  return Array.from({ length: 3 + next(12) }, (_, index) => ({
    upstream: Array.from({ length: index }, (_, candidate) => candidate).filter(() => next(3) === 0),
  }));
}

function picture(graph: Readonly<Record<string, readonly string[]>>): string[] {
  const names = Object.keys(graph);
  const nodes = names.map((name) => ({ upstream: (graph[name] ?? []).map((upstream) => names.indexOf(upstream)) }));
  return (drawLanes(nodes, 20) ?? []).map((row) =>
    row.kind === "edges" ? row.drawing : [`${row.before}●`, row.after, names[row.node]].filter(Boolean).join(" "),
  );
}
