import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { sleep, systemClock } from "../../ports/clock.ts";
import { checkInvariants } from "../conformance/invariants.ts";
import { ManualClock } from "../conformance/manual-clock.ts";
import { chain, join } from "../conformance/pipelines.ts";
import { Scenario, SUCCESS } from "../conformance/scenario.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";
import { postgresSubject } from "./subject-for-tests.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

test("I34, I04: the server is killed again and again, and every claim and completion happens exactly once", async () => {
  const scenario = await Scenario.begin(postgresSubject(() => server));
  const run = await scenario.start(join(400, "all_success"));
  const claimed: number[] = [];
  let isWorking = true;
  const killing = (async () => {
    for (let kill = 0; kill < 4; kill++) {
      await sleep(systemClock, 60 + kill * 37);
      if (!isWorking) break;
      await server.crash();
      await server.restart();
    }
  })();
  let claims = await scenario.claim(5);
  while (claims.length > 0) {
    claimed.push(...claims.map(({ taskRunKey }) => taskRunKey));
    const answer = await scenario.exchange(
      claims.map((claim) => [claim, SUCCESS]),
      { slots: 5 },
    );
    expect(answer.completions).toEqual(claims.map(() => "accepted"));
    claims = answer.claims;
  }
  isWorking = false;
  await killing;
  expect(new Set(claimed).size).toBe(401);
  expect(claimed).toHaveLength(401);
  expect(await scenario.runState(run)).toBe("success");
  expect((await scenario.store.attempts(run)).every(({ attempt }) => attempt === 1)).toBe(true);
  const inspected = await inspect(scenario);
  await checkInvariants(inspected);
  await inspected.close();
});

test("a server that is not there is told with its address and without its password", async () => {
  const url = "postgres://anna:secret@127.0.0.1:1/shop?password=secret";
  const store = openPostgresStore({ url, patienceMs: 0 });
  onTestFinished(() => store.close());
  const error = await store.migrate().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "store_unreachable" });
  expect(String(error)).toContain("127.0.0.1:1");
  expect(String(error)).not.toContain("secret");
});

test("a wrong password is told as such, and not tried again", async () => {
  const url = server.url.replace("open sesame", "wrong");
  const store = openPostgresStore({ url });
  onTestFinished(() => store.close());
  const error = await store.migrate().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "store_unreachable", hint: expect.stringContaining("password") });
});

test("a user who may not make the schema hears what to grant", async () => {
  const admin = openPostgresStore({ url: server.url, schema: server.freshSchema() });
  onTestFinished(() => admin.close());
  await admin.migrate();
  const scenario = await Scenario.begin(postgresSubject(() => server));
  await scenario.opened.rows("create role guest login password 'guest'");
  const url = server.url.replace("batuta:open sesame", "guest:guest");
  const store = openPostgresStore({ url, schema: "guests" });
  onTestFinished(() => store.close());
  await expect(store.migrate()).rejects.toMatchObject({ code: "read_only", hint: expect.stringContaining("Grant") });
  await scenario[Symbol.asyncDispose]();
});

test("a replica takes no writes, and says so", async () => {
  await using scenario = await Scenario.begin(postgresSubject(() => server));
  const plan = await scenario.plan(chain("a"));
  await scenario.opened.rows("alter database postgres set default_transaction_read_only to on");
  const other = await scenario.opened.another();
  await expect(other?.createRuns([plan])).rejects.toMatchObject({ code: "read_only" });
  await scenario.opened.rows("alter database postgres reset default_transaction_read_only");
});

/** The connections of the scenario itself did not survive: look again with new ones. */
async function inspect(scenario: Scenario) {
  const [row] = (await scenario.store.runs({ limit: 1 })) ?? [];
  expect(row).toBeDefined();
  return postgresSubject(() => ({ ...server, freshSchema: () => "test_1" })).open(new ManualClock());
}
