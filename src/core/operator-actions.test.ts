import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { effectOf, OPERATOR_ACTIONS, type OperatorAction, runRefusal, taskRunRefusal } from "./operator-actions.ts";
import { canMove, RUN_STATES, TASK_RUN_STATES } from "./state.ts";

const PAGE = readFileSync(new URL("../../docs/operators.md", import.meta.url), "utf8");
const ACTIONS = Object.keys(OPERATOR_ACTIONS) as readonly OperatorAction[];

test("docs/operators.md says what each action does, and to which states", () => {
  const rules = ACTIONS.map((name) => [name, OPERATOR_ACTIONS[name]] as const);
  expect(rowsOf("What each action does")).toEqual(rules.map(([name, { does }]) => [name, does]));
  expect(rowsOf("Task runs")).toEqual(
    rules.map(([name, { taskRuns }]) => [name, ...TASK_RUN_STATES.map((state) => taskRuns[state])]),
  );
  expect(rowsOf("Runs")).toEqual(
    rules.map(([name, { runs }]) => [name, ...RUN_STATES.map((state) => (runs.includes(state) ? "yes" : "refused"))]),
  );
  expect(headOf("Task runs")).toEqual(["action", ...TASK_RUN_STATES]);
  expect(headOf("Runs")).toEqual(["action", ...RUN_STATES]);
});

test("ST-2: what an action makes of a task run is a published edge", () => {
  for (const action of ACTIONS) {
    for (const from of TASK_RUN_STATES) {
      const effect = effectOf(action, from);
      if (effect === "stays" || effect === "refused") continue;
      expect([action, from, canMove(from, effect === "stops" ? "cancelled" : effect)]).toEqual([action, from, true]);
    }
  }
});

test("every refusal says in which state something is, and names a command where one helps", () => {
  for (const action of ACTIONS) {
    for (const state of RUN_STATES) {
      const refusal = runRefusal(action, { id: "run-1", state });
      if (OPERATOR_ACTIONS[action].runs.includes(state)) expect(refusal).toBeUndefined();
      else expect(refusal).toMatch(/batuta \w+ run-1$|There is nothing to stop\.$/);
    }
  }
  expect(taskRunRefusal("load", "running", "run-1")).toBe(
    "load is running. Wait for it to end, or end it first: batuta kill run-1 load",
  );
  expect(taskRunRefusal("load", "success", "run-1")).toContain("load is success");
});

function tableOf(title: string): readonly (readonly string[])[] {
  const [, rest = ""] = PAGE.split(`\n## ${title}\n`);
  const lines = (rest.split("\n## ")[0] ?? "").split("\n").filter((line) => line.startsWith("| "));
  return lines.map((line) => line.slice(2, -2).split(" | "));
}

function headOf(title: string): readonly string[] {
  return tableOf(title)[0] ?? [];
}

function rowsOf(title: string): readonly (readonly string[])[] {
  return tableOf(title).slice(2);
}
