import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { useEveryStatement } from "../conformance/every-statement.ts";
import { Scenario } from "../conformance/scenario.ts";
import { testStore } from "../conformance/suite.ts";
import { recordStatements, writesOf } from "./recorded-statements-for-tests.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";
import { postgresSubject, subjectInUsedSchemas } from "./subject-for-tests.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

const used = recordStatements();

testStore(
  subjectInUsedSchemas(() => server),
  { histories: 15 },
);

test("every statement that the suite has made the store send is in the list whose plans are checked", async () => {
  const asked = new Set([...used.values()].flatMap(writesOf).filter((statement) => !statement.includes(ALL_RUNS)));
  vi.restoreAllMocks();
  const recorded = recordStatements();
  await using scenario = await Scenario.begin(postgresSubject(() => server));
  await useEveryStatement(scenario, "1:1");
  const listed = new Set([...recorded.values()].flatMap(writesOf));
  expect([...asked].filter((statement) => !listed.has(statement))).toEqual([]);
});

/** Of any project: nobody but tests asks for them. */
const ALL_RUNS = "from run  order by key";
