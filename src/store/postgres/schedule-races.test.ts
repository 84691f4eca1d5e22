import { afterAll, beforeAll, expect, test } from "vitest";
import { manifestOf } from "../conformance/pipelines.ts";
import { scheduleOf } from "../conformance/schedule-sketch.ts";
import { beginRaces, race } from "./race-for-tests.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";

// biome-ignore lint/style/noProcessEnv: how long a test takes is for whoever starts it to say
const RACES = Number(process.env.BATUTA_RACES ?? 400);
const PIPELINES = 4;
/** In real time: the database's own clock decides. */
const TICK_MS = 20;
const RACE_MS_MAX = RACES < 10_000 ? 120_000 : 1_800_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

test(
  "TI-3, B08, B12, B50, I17, I19: of a tick that four processes fire at once there is one run, and they come in order",
  async () => {
    const { store, schema, folder } = await beginRaces(server);
    const ticks = RACES / PIPELINES;
    const begin = Math.ceil((await store.now()) / TICK_MS) * TICK_MS + 2_000;
    const schedule = scheduleOf({
      timing: { kind: "every", ms: TICK_MS },
      start: { kind: "instant", at: begin },
      end: { kind: "instant", at: begin + ticks * TICK_MS },
    });
    const names = Array.from({ length: PIPELINES }, (_, n) => `p${n}`);
    const manifest = manifestOf(Object.fromEntries(names.map((name) => [name, { a: {} }])), { schedules: [schedule] });
    await store.saveVersion({ hash: "v", project: "shop", manifest });
    await store.deploy({ project: "shop", versionHash: "v", actor: "tester" });
    await race(server, { schema, folder, program: FIRE });
    const ends = Array.from({ length: ticks }, (_, n) => begin + (n + 1) * TICK_MS);
    for (const pipeline of names) {
      const runs = await store.runs({ project: "shop", pipeline, limit: 2 * ticks });
      expect(runs.map(({ interval }) => interval.end).reverse()).toEqual(ends);
    }
    expect(await store.schedules("shop")).toMatchObject(names.map(() => ({ rest: "ended", mark: ends.at(-1) })));
  },
  RACE_MS_MAX,
);

/** All of them all the time, until nothing is to come. */
const FIRE = `
  while ((await store.fireSchedules()).nextInMs !== undefined);`;
