import { afterEach, expect, test, vi } from "vitest";
import { useEveryStatement } from "../conformance/every-statement.ts";
import { Scenario } from "../conformance/scenario.ts";
import { planFaults } from "./plan-faults-for-tests.ts";
import { recordStatements } from "./recorded-statements-for-tests.ts";
import { sqliteSubject } from "./subject-for-tests.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("no statement of the hot path, of an operator or of a duty reads or sorts a whole table", async () => {
  await using scenario = await Scenario.begin(sqliteSubject);
  const statements = recordStatements();
  await useEveryStatement(scenario, "1");
  expect(statements.size).toBeGreaterThan(50);
  const faults: string[] = [];
  for (const sql of statements.keys()) {
    const steps = await scenario.opened.rows(`explain query plan ${sql}`);
    const plan = steps.map(({ parent, detail }) => ({ parent: Number(parent), detail: String(detail) }));
    faults.push(...planFaults(plan).map((fault) => `${fault}: ${sql}`));
  }
  expect(faults).toEqual([]);
});
