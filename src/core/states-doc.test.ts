import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Edge, RUN_EDGES, RUN_STATES, TASK_RUN_EDGES, TASK_RUN_STATES } from "./state.ts";

const PAGE = readFileSync(new URL("../../docs/states.md", import.meta.url), "utf8");

test("ST-6: docs/states.md lists every edge of a task run, with its maker and reason, and no others", () => {
  expect(edgesIn(section("Task runs"))).toEqual(TASK_RUN_EDGES.map(row));
});

test("ST-6: docs/states.md lists every edge of a run, with its maker and reason, and no others", () => {
  expect(edgesIn(section("Runs"))).toEqual(RUN_EDGES.map(row));
});

test("docs/states.md says what each state means", () => {
  expect(statesIn(section("Task runs"))).toEqual(TASK_RUN_STATES);
  expect(statesIn(section("Runs"))).toEqual(RUN_STATES);
});

test("the pictures show what the tables say", () => {
  const byEngine = TASK_RUN_EDGES.filter(({ by, to }) => by === "engine" && to !== "removed");
  expect(arrowsIn(section("Task runs"))).toEqual(byEngine.map(({ from, to }) => `${from} --> ${to}`));
  expect(arrowsIn(section("Runs"))).toEqual([...new Set(RUN_EDGES.map(({ from, to }) => `${from} --> ${to}`))]);
});

function section(title: string): string {
  const [, rest = ""] = PAGE.split(`\n## ${title}\n`);
  return rest.split("\n## ")[0] ?? "";
}

/** Rows with four cells, as one text each. */
function edgesIn(text: string): readonly string[] {
  return rowsIn(text)
    .filter((cells) => cells.length === 4)
    .map((cells) => cells.join(" | "))
    .filter((line) => !line.startsWith("from ") && !line.startsWith("---"));
}

function statesIn(text: string): readonly string[] {
  const names = rowsIn(text).flatMap(([name = "", ...others]) => (others.length === 1 ? [name] : []));
  return names.filter((name) => name !== "state" && name !== "---");
}

function arrowsIn(text: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => line.includes("-->"))
    .map((line) => line.trim());
}

function rowsIn(text: string): readonly (readonly string[])[] {
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.map((line) => line.slice(2, -2).split(" | "));
}

function row({ from, to, by, why }: Edge<string>): string {
  return [from, to, by, why].join(" | ");
}
