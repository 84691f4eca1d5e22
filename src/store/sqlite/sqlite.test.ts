import { expect, test, vi } from "vitest";
import { useEveryStatement } from "../conformance/every-statement.ts";
import { Scenario } from "../conformance/scenario.ts";
import { testStore } from "../conformance/suite.ts";
import { recordStatements } from "./recorded-statements-for-tests.ts";
import { sqliteSubject } from "./subject-for-tests.ts";

const used = recordStatements();

testStore(sqliteSubject, { histories: 100 });

test("every statement that the suite has made the store send is in the list whose plans are checked", async () => {
  const asked = [...used.keys()].filter((sql) => !sql.includes(ALL_RUNS));
  vi.restoreAllMocks();
  const listed = recordStatements();
  await using scenario = await Scenario.begin(sqliteSubject);
  await useEveryStatement(scenario, "1");
  expect(asked.filter((sql) => !listed.has(sql))).toEqual([]);
});

/** Of any project: nobody but tests asks for them. */
const ALL_RUNS = "from run  order by key";
