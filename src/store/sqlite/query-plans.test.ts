import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { useEveryStatement } from "../conformance/every-statement.ts";
import { ManualClock } from "../conformance/manual-clock.ts";
import { Scenario } from "../conformance/scenario.ts";
import { openTemporary, sqliteSubject } from "./subject-for-tests.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("no statement of the hot path, of an operator or of a duty reads a whole table", async () => {
  const statements = await statementsOf((scenario) => useEveryStatement(scenario, "1"));
  const plans = await plansOf(statements);
  expect(plans.size).toBeGreaterThan(50);
  const scans = [...plans].filter(([, steps]) => steps.some((step) => TABLE_SCAN.test(step)));
  expect(scans).toEqual([]);
  // The newest runs are read in their order and no further than the limit, but for the few that are not finished.
  const sorted = [...plans].filter(([, steps]) => steps.some((step) => step.includes("TEMP B-TREE")));
  const newest = sorted.filter(
    ([sql]) => sql.includes("order by run.key desc") && !sql.includes("finished_at is null"),
  );
  expect(newest).toEqual([]);
});

/** How SQLite names what it reads from end to end; lists given as JSON, and the few open sessions, may be. */
const TABLE_SCAN =
  /^SCAN (?!json_each|wanted|below|CONSTANT ROW|\(subquery|\w+ USING (COVERING )?INDEX (?:session_open|child_run_awaited)\b)/;

async function statementsOf(work: (scenario: Scenario) => Promise<void>): Promise<ReadonlySet<string>> {
  const statements = new Set<string>();
  const { prepare } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (this: DatabaseSync, sql, options) {
    if (/^\s*(select|insert|update|delete|with)/.test(sql)) statements.add(sql);
    return prepare.call(this, sql, options);
  });
  await using scenario = await Scenario.begin(sqliteSubject);
  statements.clear();
  await work(scenario);
  vi.restoreAllMocks();
  return statements;
}

async function plansOf(statements: ReadonlySet<string>): Promise<ReadonlyMap<string, readonly string[]>> {
  const opened = await openTemporary(new ManualClock());
  const plans = new Map<string, readonly string[]>();
  for (const sql of statements) {
    const steps = await opened.rows(`explain query plan ${sql}`);
    plans.set(
      sql,
      steps.map(({ detail }) => String(detail)),
    );
  }
  await opened.close();
  return plans;
}
