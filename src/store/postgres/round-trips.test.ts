import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { chain } from "../conformance/pipelines.ts";
import { Scenario } from "../conformance/scenario.ts";
import { deploySchedules, scheduleOf } from "../conformance/schedule-sketch.ts";
import type { NewRun } from "../store.ts";
import { PostgresConnection } from "./connection.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";
import { postgresSubject } from "./subject-for-tests.ts";

const HOUR_MS = 3_600_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

const subject = postgresSubject(() => server);

test("TI-3: forty schedules that are due at the same time fire in as many round trips as one", async () => {
  const firing = async (schedules: number): Promise<number> => {
    await using scenario = await Scenario.begin(subject);
    const names = Array.from({ length: schedules }, (_, index) => `p${index}`);
    await deploySchedules(scenario, Object.fromEntries(names.map((name) => [name, [scheduleOf()]])));
    await scenario.store.fireSchedules();
    // What is kept in memory is there by now.
    scenario.clock.advance(HOUR_MS);
    await scenario.store.fireSchedules();
    scenario.clock.advance(HOUR_MS);
    return await roundTripsOf(async () => {
      expect(await scenario.store.fireSchedules()).toMatchObject({ created: schedules });
    });
  };
  expect(await firing(40)).toBe(await firing(1));
});

test("forty runs of several pipelines are created in as many round trips as one", async () => {
  await using scenario = await Scenario.begin(subject);
  const planned: NewRun[] = [];
  for (let index = 0; index < 51; index++) {
    planned.push(await scenario.plan(chain("a", "b"), { pipeline: `p${index % 10}` }));
  }
  const creating = (runs: readonly NewRun[]) => roundTripsOf(() => scenario.store.createRuns(runs));
  await creating(planned.slice(0, 10));
  expect(await creating(planned.slice(11))).toBe(await creating(planned.slice(10, 11)));
});

/** Packets that are waited for. */
async function roundTripsOf(act: () => Promise<unknown>): Promise<number> {
  let packets = 0;
  const unsent = new WeakSet<PostgresConnection>();
  for (const method of ["all", "send", "command"] as const) {
    const original = PostgresConnection.prototype[method] as (...asked: unknown[]) => never;
    vi.spyOn(PostgresConnection.prototype, method).mockImplementation(function (
      this: PostgresConnection,
      ...asked: unknown[]
    ) {
      unsent.add(this);
      return original.call(this, ...asked);
    });
  }
  const { flush } = PostgresConnection.prototype;
  vi.spyOn(PostgresConnection.prototype, "flush").mockImplementation(function (this: PostgresConnection) {
    packets += Number(unsent.delete(this));
    flush.call(this);
  });
  await act();
  vi.restoreAllMocks();
  return packets;
}
