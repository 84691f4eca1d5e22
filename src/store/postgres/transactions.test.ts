import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { sleep, systemClock } from "../../ports/clock.ts";
import { claimBehindGate } from "../claim.ts";
import { chain, join } from "../conformance/pipelines.ts";
import { FAILED, Scenario, SUCCESS } from "../conformance/scenario.ts";
import type { OpenedStore } from "../conformance/subject.ts";
import type { Claim, EventRecord } from "../store.ts";
import { PostgresConnection } from "./connection.ts";
import { openPool } from "./connections.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { schemaNamed } from "./schema.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";
import { postgresSubject } from "./subject-for-tests.ts";
import { PostgresTransaction } from "./transaction.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

const subject = postgresSubject(() => server);

test("I08: no event is skipped that commits late: readers stay below the oldest open transaction", async () => {
  await using scenario = await Scenario.begin(subject);
  const [early, late] = await scenario.startMany([chain("a"), chain("b")]);
  if (early === undefined || late === undefined) throw new Error("No runs");
  const before = (await scenario.events()).length;
  const cursor = (await scenario.events()).at(-1)?.cursor ?? "";
  const writer = await rawClient(scenario.opened);
  await writer.query("begin");
  await writer.query(`insert into event (at, run_key, body) select 1, key, '{"kind":"alert_due","taskIndex":0,
    "generation":1}' from run where id = '${early.id}'`);
  // A transaction that began later commits first.
  await scenario.claim();
  const meanwhile = await scenario.store.events({ after: cursor, limit: 100 });
  expect(meanwhile.events).toEqual([]);
  await writer.query("commit");
  await scenario.opened.eventsReadable();
  const read = await scenario.store.events({ after: cursor, limit: 100 });
  expect(read.events.map(({ body }) => body.kind)).toEqual(["alert_due", "task_state", "task_state"]);
  expect(await scenario.events()).toHaveLength(before + 3);
});

test("I08: a reader that polls while writers interleave sees every event once, in order of their runs", async () => {
  await using scenario = await Scenario.begin(subject);
  const stores = await Promise.all([1, 2, 3].map(() => scenario.opened.another()));
  const seen: EventRecord[] = [];
  let isWriting = true;
  const reading = (async () => {
    let cursor: string | undefined;
    for (let isLast = false; !isLast; ) {
      isLast = !isWriting;
      if (isLast) await scenario.opened.eventsReadable();
      const page = await scenario.store.events({ limit: 7, ...(cursor === undefined ? {} : { after: cursor }) });
      seen.push(...page.events);
      cursor = page.cursor;
      if (page.events.length > 0) isLast = false;
    }
  })();
  await Promise.all(
    stores.map(async (store, index) => {
      const session = await scenario.openSession(`writer-${index}`);
      for (let round = 0; round < 15; round++) {
        await store?.createRuns([await scenario.plan(chain("a", "b", "c"))]);
        let claims = (await store?.completeAndClaim([], { session, slots: 3, queues: ["default"] }))?.claims ?? [];
        for (let hop = 0; hop < 3; hop++) {
          const ended = claims.map(({ taskRunKey, token }) => ({ taskRunKey, token, session, result: SUCCESS }));
          claims = (await store?.completeAndClaim(ended, { session, slots: 3, queues: ["default"] }))?.claims ?? [];
        }
        const ended = claims.map(({ taskRunKey, token }) => ({ taskRunKey, token, session, result: SUCCESS }));
        await store?.completeAndClaim(ended, undefined);
      }
    }),
  );
  isWriting = false;
  await reading;
  expect(seen).toEqual(await scenario.events());
});

test("a transaction never claims what a younger one made ready, so that events keep their order", async () => {
  await using scenario = await Scenario.begin(subject);
  const pool = openPool({ url: server.url, schema: schemaNamed(await schemaOf(scenario.opened)), poolSize: 1 });
  onTestFinished(() => pool.end());
  const client = await pool.connect();
  const db = new PostgresConnection(client);
  const tx = new PostgresTransaction(db, {
    schema: schemaNamed(await schemaOf(scenario.opened)),
    now: 1_700_000_000_000,
  });
  await client.query("begin");
  await client.query("select pg_current_xact_id()");
  const run = await scenario.start(chain("a"));
  const request = { session: scenario.session, slots: 10, queues: ["default"] };
  // Told like a missed gate: there is something to claim, at the next flush.
  expect(await claimBehindGate(tx, request)).toEqual({ claims: [], gateMissed: true });
  await client.query("commit");
  client.release();
  expect(scenario.names(await scenario.claim())).toEqual(["a"]);
  expect(await scenario.states(run)).toEqual({ a: "running" });
});

test("B21: a claim that is under way while its session is reaped is lost with it, and leaves no lease", async () => {
  await using scenario = await Scenario.begin(subject);
  const run = await scenario.start(chain("a"));
  const { claims, commit } = await claimUnderWay(scenario);
  expect(claims).toHaveLength(1);
  const reaped = scenario.store.reapSessions([scenario.session]);
  await waitUntilSomeoneWaits(scenario.opened);
  await commit();
  expect(await reaped).toMatchObject([{ runId: run, final: false }]);
  expect(await scenario.states(run)).toEqual({ a: "queued" });
});

test("B17: what another has claimed meanwhile is not written over, but decided on anew", async () => {
  await using scenario = await Scenario.begin(subject);
  const run = await scenario.start({ a: {}, b: {} }, { spec: { failFast: true } });
  const [a] = await scenario.claim(1);
  if (a === undefined) throw new Error("Nothing was claimed");
  const { claims, commit } = await claimUnderWay(scenario);
  expect(scenario.names(claims)).toEqual(["b"]);
  const failed = scenario.end([a], FAILED);
  await waitUntilSomeoneWaits(scenario.opened, "transactionid");
  await commit();
  expect((await failed).completions).toEqual(["accepted"]);
  expect(await scenario.states(run)).toEqual({ a: "failed", b: "running" });
  expect(await scenario.store.leasesOf(scenario.session)).toMatchObject([{ stop: { kind: "cancel" } }]);
});

test("I08: what a reaper had to wait for is read before what it did then", async () => {
  await using scenario = await Scenario.begin(subject);
  const run = await scenario.start({ a: {}, b: {} });
  await scenario.claim();
  await behindAlert(scenario, run, () => scenario.store.reapSessions([scenario.session]));
  const kinds = (await scenario.events(run)).map(({ body }) => body.kind);
  expect(kinds.slice(-5)).toEqual(["alert_due", ...Array.from({ length: 4 }, () => "task_state")]);
});

test("I08: what was waited for in the second of two lanes is read before what became of it", async () => {
  await using scenario = await Scenario.begin(subject);
  const keyed = { sync: { keyed: { key: "params.customer", limit: 1, overflow: "skip" } } } as const;
  const start = (customer: string) => scenario.start(keyed, { params: { customer } });
  const [, , first, second] = [await start("acme"), await start("bolt"), await start("acme"), await start("bolt")];
  expect(await scenario.claim()).toHaveLength(2);
  await behindAlert(scenario, second, () => scenario.store.settleOverflows());
  expect(await scenario.runState(first)).toBe("success");
  const kinds = (await scenario.events(second)).map(({ body }) => body.kind);
  expect(kinds.slice(-3)).toEqual(["alert_due", "task_state", "run_state"]);
});

test.each([
  ["after the server has committed", "commit"],
  ["before the server could commit", "rollback"],
])("I04: a connection lost at commit, %s, neither loses nor doubles claims and completions", async (_, fate) => {
  await using scenario = await Scenario.begin(subject);
  const run = await scenario.start({ a: {}, b: { after: ["a"] }, c: { after: ["a"] } });
  const claims = await scenario.claim();
  loseConnectionAtCommit(fate);
  const answer = await scenario.exchange(
    claims.map((claim) => [claim, SUCCESS]),
    { slots: 2 },
  );
  expect(answer.completions).toEqual(["accepted"]);
  expect(scenario.names(answer.claims)).toEqual(["b", "c"]);
  expect(answer.claims.map(({ token }) => token)).toEqual([1, 1]);
  loseConnectionAtCommit(fate);
  const ended = await scenario.end(answer.claims, SUCCESS);
  expect(ended).toMatchObject({ completions: ["accepted", "accepted"], finishedRuns: [{ runId: run }] });
});

test("who misses the gate commits its completions alone and says so", async () => {
  await using scenario = await Scenario.begin(subject);
  const run = await scenario.start(chain("a", "b"));
  const claims = await scenario.claim();
  const other = await rawClient(scenario.opened);
  await other.query("begin");
  await other.query("select pg_advisory_xact_lock($1)", [schemaNamed(await schemaOf(scenario.opened)).gate]);
  const missed = await scenario.exchange(
    claims.map((claim) => [claim, SUCCESS]),
    { slots: 5 },
  );
  expect(missed).toMatchObject({ completions: ["accepted"], claims: [], gateMissed: true });
  expect(await scenario.states(run)).toEqual({ a: "success", b: "queued" });
  await other.query("commit");
  expect(scenario.names(await scenario.claim())).toEqual(["b"]);
});

test("B29: transactions that were chosen to end a deadlock are tried again", async () => {
  await using scenario = await Scenario.begin(subject);
  const run = await scenario.start({ a: {}, b: {} });
  const claims = await scenario.claim();
  // The first attempt at each write meets an error that the server raises for deadlocks and conflicts.
  const other = await rawClient(scenario.opened);
  await other.query("create sequence tries");
  await other.query(`create function fail_twice() returns trigger language plpgsql as $$
    begin
      if nextval('tries') < 3 then raise exception 'chosen as victim' using errcode = '40P01'; end if;
      return null;
    end $$`);
  await other.query("create trigger victim after update on task_run for each statement execute function fail_twice()");
  expect((await scenario.end(claims, SUCCESS)).completions).toEqual(["accepted", "accepted"]);
  expect(await scenario.runState(run)).toBe("success");
});

test("B29: whichever of two reads tells of a write that failed before them, it says why", async () => {
  const pool = openPool({ url: server.url, schema: schemaNamed("public"), poolSize: 1 });
  onTestFinished(() => pool.end());
  const client = await pool.connect();
  onTestFinished(() => client.release(true));
  const db = new PostgresConnection(client);
  db.command("begin");
  db.send({ text: "select 1 / 0" });
  const reads = await Promise.allSettled([db.all({ text: "select 1" }), db.all({ text: "select 2" })]);
  const divisionByZero = { status: "rejected", reason: { code: "22012" } };
  expect(reads).toMatchObject([divisionByZero, divisionByZero]);
  await expect(Promise.all([db.all({ text: "select 1" }), db.all({ text: "select 2" })])).rejects.toMatchObject({
    code: "22012",
  });
});

test("after some thousand claims the dead rows of the queue are cleared up, without being asked", async () => {
  await using scenario = await Scenario.begin(subject);
  for (const table of ["ready", "lease"]) {
    await scenario.opened.rows(`alter table ${table} set (autovacuum_enabled = off)`);
  }
  await scenario.start(join(6_000, "all_success"));
  await scenario.runOut();
  const vacuumed = `select count(*) as tables from pg_stat_user_tables
    where schemaname = current_schema() and relname in ('ready', 'lease') and vacuum_count > 0`;
  while ((await scenario.opened.rows(vacuumed))[0]?.tables !== 2) await sleep(systemClock, 20);
});

test("without a clock of its own the database's clock decides", async () => {
  const store = openPostgresStore({ url: server.url, schema: server.freshSchema() });
  onTestFinished(() => store.close());
  await store.migrate();
  const before = systemClock.wall();
  const now = await store.now();
  expect(now).toBeGreaterThanOrEqual(before - 1);
  expect(now).toBeLessThanOrEqual(systemClock.wall() + 1);
});

test("rows restored from a dump into a younger server can be read and claimed after migrating", async () => {
  await using scenario = await Scenario.begin(subject);
  await scenario.start(chain("a"));
  await scenario.opened.rows("update event set xid = '999999999999' where seq > 1");
  await scenario.opened.rows("update ready set xid = '999999999999'");
  expect((await scenario.store.events({ limit: 10 })).events).toHaveLength(1);
  expect(await scenario.claim()).toEqual([]);
  await scenario.store.migrate();
  await scenario.runOut();
  expect((await scenario.events()).map(({ body }) => body.kind)).toEqual([
    ...["run_state", "run_state", "task_state", "task_state", "task_state", "run_state"],
  ]);
});

test("two schemas of one database do not wait for each other's gate", async () => {
  await using one = await Scenario.begin(subject);
  await using other = await Scenario.begin(subject);
  await one.start(chain("a"));
  const holder = await rawClient(other.opened);
  await holder.query("begin");
  await holder.query("select pg_advisory_xact_lock($1)", [schemaNamed(await schemaOf(other.opened)).gate]);
  expect(one.names(await one.claim())).toEqual(["a"]);
  await holder.query("commit");
});

test("a name that would have to be quoted is no schema", () => {
  expect(() => openPostgresStore({ url: server.url, schema: 'x"; drop table run; --' })).toThrow(
    "no name for a schema",
  );
});

/** The next commit gets no answer; whether it happens is told by `fate`. */
function loseConnectionAtCommit(fate: string): void {
  const { command, settled } = PostgresConnection.prototype;
  const commanding = vi.spyOn(PostgresConnection.prototype, "command");
  commanding.mockImplementationOnce(function (this: PostgresConnection) {
    command.call(this, fate);
    vi.spyOn(PostgresConnection.prototype, "settled").mockImplementationOnce(async function (this: PostgresConnection) {
      await settled.call(this);
      throw new Error("Connection terminated unexpectedly");
    });
  });
}

/** Does something that has to wait for another that holds the lock of a run and writes an event of it. */
async function behindAlert(scenario: Scenario, run: string, act: () => Promise<unknown>): Promise<void> {
  const { runs } = schemaNamed(await schemaOf(scenario.opened));
  const holder = await rawClient(scenario.opened);
  await holder.query("begin");
  await holder.query("select pg_advisory_xact_lock($1, key::integer) from run where id = $2", [runs, run]);
  const acting = act();
  await waitUntilSomeoneWaits(scenario.opened);
  await holder.query(`insert into event (at, run_key, body) select 1, key, '{"kind":"alert_due","taskIndex":0,
    "generation":1}' from run where id = '${run}'`);
  await holder.query("commit");
  await acting;
}

async function waitUntilSomeoneWaits({ rows }: OpenedStore, lock = "advisory"): Promise<void> {
  const waiting = `select 1 from pg_locks where locktype = '${lock}' and not granted`;
  while ((await rows(waiting)).length === 0) await sleep(systemClock, 5);
}

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

/** A claim of one task run whose transaction is still open. */
async function claimUnderWay(
  scenario: Scenario,
): Promise<{ readonly claims: readonly Claim[]; readonly commit: () => Promise<void> }> {
  const schema = schemaNamed(await schemaOf(scenario.opened));
  const pool = openPool({ url: server.url, schema, poolSize: 1 });
  onTestFinished(() => pool.end());
  const client = await pool.connect();
  const db = new PostgresConnection(client);
  const tx = new PostgresTransaction(db, { schema, now: scenario.clock.wall() });
  db.command("begin");
  const { claims } = await claimBehindGate(tx, { session: scenario.session, slots: 1, queues: ["default"] });
  const commit = async () => {
    db.command("commit");
    await db.settled();
    client.release();
  };
  return { claims, commit };
}
