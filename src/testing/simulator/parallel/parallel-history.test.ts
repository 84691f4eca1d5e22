import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { startTestServer, type TestServer } from "../../../store/postgres/server-for-tests.ts";
import { drawHistory } from "./draw-history.ts";
import { parallelHistory } from "./parallel-history.ts";

const HISTORIES = 4;
/** Other histories with each change of the sources. */
const FIRST = inject("firstSeed");

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

test.each(Array.from({ length: HISTORIES }, (_, index) => FIRST + index))(
  "I01, I02, I04, I08, I09, I24, I25, I45 hold on PostgreSQL whoever works at the same time, history %i",
  async (seed) => {
    const place = { url: server.url, schema: server.freshSchema() };
    expect(await parallelHistory(drawHistory(seed), place)).toBeUndefined();
  },
  120_000,
);
