import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { Scenario } from "../conformance/scenario.ts";
import type { OpenedStore } from "../conformance/subject.ts";
import { deployTriggers, fireAll, orders, triggerOf } from "../conformance/trigger-sketch.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";
import { postgresSubject } from "./subject-for-tests.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

const subject = postgresSubject(() => server);

test("AS-2: an event that commits late is not skipped: triggers stay below the oldest open transaction", async () => {
  await using scenario = await Scenario.begin(subject);
  const { store } = scenario;
  await deployTriggers(scenario, { load: [triggerOf()] });
  await scenario.opened.eventsReadable();
  expect(await fireAll(store)).toEqual([]);
  const writer = await rawClient(scenario.opened);
  await writer.query("begin");
  await writer.query(SEND_LATE);
  // A transaction that began later commits first.
  await store.emit([orders("early")]);
  expect(await fireAll(store)).toEqual([]);
  await writer.query("commit");
  await scenario.opened.eventsReadable();
  expect(await fireAll(store)).toEqual([["late"], ["early"]]);
});

test("what is under way when a trigger is deployed comes after it, what has been committed before does not", async () => {
  await using scenario = await Scenario.begin(subject);
  const { store } = scenario;
  const writer = await rawClient(scenario.opened);
  await writer.query("begin");
  await writer.query(SEND_LATE);
  // Its transaction is younger than the one that is open, and yet it was sent before.
  await store.emit([orders("before")]);
  await deployTriggers(scenario, { load: [triggerOf()] });
  await writer.query("commit");
  await store.emit([orders("after")]);
  await scenario.opened.eventsReadable();
  expect(await fireAll(store)).toEqual([["late"], ["after"]]);
});

const SEND_LATE = "insert into signal (project, name, id, payload, at) values ('shop', 'orders', 'late', '{}', 1)";
async function rawClient(opened: OpenedStore): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`set search_path to ${await schemaOf(opened)}`);
  onTestFinished(() => client.end());
  return client;
}
async function schemaOf({ rows }: OpenedStore): Promise<string> {
  const [row] = await rows("select current_schema() as name");
  return String(row?.name);
}
