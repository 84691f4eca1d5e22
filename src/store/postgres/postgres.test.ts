import { afterAll, beforeAll } from "vitest";
import { testStore } from "../conformance/suite.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";
import { postgresSubject } from "./subject-for-tests.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

testStore(
  postgresSubject(() => server),
  { histories: 15 },
);
