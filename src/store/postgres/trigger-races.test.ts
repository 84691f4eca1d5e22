import { afterAll, beforeAll, expect, test } from "vitest";
import { deployTriggers, triggerOf } from "../conformance/trigger-sketch.ts";
import { beginRaces, PROCESSES, race } from "./race-for-tests.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";

// biome-ignore lint/style/noProcessEnv: how long a test takes is for whoever starts it to say
const RACES = Number(process.env.BATUTA_RACES ?? 400);
const SENT_BY_EACH = Math.ceil(RACES / PROCESSES);
const RACE_MS_MAX = RACES < 10_000 ? 120_000 : 1_800_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

test(
  "AS-2: of events that four processes send and take at once each trigger takes each once",
  async () => {
    const { store, schema, folder } = await beginRaces(server);
    const batch = { everyMs: 1, max: 7 };
    await deployTriggers({ store }, { each: [triggerOf()], batch: [triggerOf({ batch })] });
    const program = `const sentByEach = ${SENT_BY_EACH}; const all = ${SENT_BY_EACH * PROCESSES};${SEND_AND_TAKE}`;
    await race(server, { schema, folder, program });
    const sent = Array.from({ length: PROCESSES * SENT_BY_EACH }, (_, n) => {
      return `${n % PROCESSES}-${Math.floor(n / PROCESSES)}`;
    });
    for (const pipeline of ["each", "batch"]) {
      const runs = await store.runs({ project: "shop", pipeline, limit: sent.length + 1 });
      const taken = await Promise.all(runs.map(async ({ id }) => (await store.eventsOf(id)).map((event) => event.id)));
      expect(taken.flat().sort()).toEqual([...sent].sort());
      if (pipeline === "each") expect(taken.every(({ length }) => length === 1)).toBe(true);
    }
  },
  RACE_MS_MAX,
);

/** Sends its events one by one, and takes what is there in between, until both triggers have taken all there will be. */
const SEND_AND_TAKE = `
  const runOf = ({ project, pipeline, versionHash }, events) => ({
    id: pipeline + "-" + events[0].seq, project, pipeline, versionHash, trigger: "sensor", timezone: "UTC",
    interval: { start: 0, end: 0 }, ds: "1970-01-01", params: {}, requestKey: String(events[0].seq), actor: "racer",
  });
  const take = async () => {
    const { due } = await store.dueTriggers("shop", 5);
    for (const one of due) {
      await store.fireTrigger(one, one.groups.map((events) => ({ kind: "run", run: runOf(one, events) })));
    }
  };
  for (let n = 0; n < sentByEach; n++) {
    await store.emit([{ project: "shop", name: "orders", id: index + "-" + n, payload: {}, ttlMs: 3600000 }]);
    await take();
  }
  const isOver = async () => {
    const runs = await store.runs({ project: "shop", pipeline: "each", limit: all });
    return runs.length === all && (await store.triggers("shop")).every(({ pending }) => pending === 0);
  };
  while (!(await isOver())) await take();`;
