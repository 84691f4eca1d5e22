import { inTest, type Mutant, mutant, onPostgres } from "./mutant.ts";

const GATE = "  await tx.closeClaimGate();\n";

/** What several connections have to agree on. */
export const POSTGRES_MUTANTS: readonly Mutant[] = [
  // Slots.
  mutant("claims without the gate", "B22", "store/postgres/claim.ts", [
    "select pg_try_advisory_xact_lock($1) as taken",
    "select $1::bigint is not null as taken",
  ]),
  mutant("counts the slots before it has the gate", "B21", "store/claim.ts", [
    `  const [hasGate, rows] = await Promise.all([tx.tryClaimGate(), tx.claimableLanes(scope, slots)]);
  if (!hasGate) return { claims: [], gateMissed: true };
  const lanes = rows.map(toLaneView);
  const [limits, background] = await Promise.all([limitsOf(tx, lanes), backgroundUse(tx, request, lanes)]);
`,
    `  const rows = await tx.claimableLanes(scope, slots);
  const lanes = rows.map(toLaneView);
  const [limits, background] = await Promise.all([limitsOf(tx, lanes), backgroundUse(tx, request, lanes)]);
  if (!(await tx.tryClaimGate())) return { claims: [], gateMissed: true };
`,
  ]),
  mutant("a reaper lets claims pass", "B21", "store/reap-sessions.ts", [GATE, ""]),
  mutant("PostgreSQL forgets to delete the lease", "B23", "store/postgres/apply-changes.ts", [
    '    ...some(endedLeases(changes.moves), (keys) => ({ name: "unlease", sql: sql.DELETE_LEASES, values: [keys] })),\n',
    "",
  ]),
  mutant("PostgreSQL gives no slot back", "B24", "store/postgres/apply-changes.ts", [
    '    ...some(changes.sharesEnded, (keys) => ({ name: "unshare", sql: sql.DELETE_SHARES, values: [keys] })),\n',
    "",
  ]),

  // Tokens and states.
  mutant("on PostgreSQL the token does not grow", "I02", "store/postgres/claim.ts", [
    "token = token + 1",
    "token = token + 0",
  ]),
  mutant("runs are not locked", "I45", "store/postgres/run-rows.ts", [
    "    select pg_advisory_xact_lock($1, number)\n    from (\n      select distinct",
    "    select pg_try_advisory_xact_lock($1, number)\n    from (\n      select distinct",
  ]),

  // The order of events.
  mutant("claims what a younger transaction made ready", "I08", "store/postgres/claim.ts", [
    'const CLAIMABLE = "ready.xid <= pg_current_xact_id()";',
    'const CLAIMABLE = "ready.xid is not null";',
  ]),
  mutant("a transaction has its number before its locks", "I08", "store/postgres/run-rows.ts", [
    "    select pg_advisory_xact_lock($1, number)\n    from (\n      select distinct",
    "    select pg_current_xact_id(), pg_advisory_xact_lock($1, number)\n    from (\n      select distinct",
  ]),
  mutant("readers see past those who still write", "I08", "store/postgres/event-rows.ts", [
    "and event.xid < pg_snapshot_xmin(pg_current_snapshot())",
    "and event.xid < pg_snapshot_xmax(pg_current_snapshot())",
  ]),
].map(onPostgres);

/** What examples show at once and histories seldom. */
export const POSTGRES_TEST_MUTANTS: readonly Mutant[] = [
  inTest(
    "store/postgres/transactions.test.ts",
    mutant("the cause of a failure is lost", "B29", "store/postgres/connection.ts", [
      "throw this.#failure?.error ?? error;",
      "throw error;",
    ]),
  ),
  inTest(
    "store/postgres/transactions.test.ts",
    mutant("writes over what another has changed", "B17", "store/postgres/write-sql.ts", [
      `  where task_run.key = made.key and task_run.state = made.old_state
    and task_run.generation = made.old_generation and task_run.token = made.old_token`,
      "  where task_run.key = made.key",
    ]),
  ),
  inTest(
    "store/postgres/transactions.test.ts",
    mutant("a reaper has its number before its locks", "I08", "store/reap-sessions.ts", [
      GATE,
      `${GATE}  await tx.closeSessions(ids);\n`,
    ]),
  ),
  inTest(
    "store/postgres/transactions.test.ts",
    mutant("a conflict is not tried again", "B29", "store/postgres/failure.ts", [
      '  "40001", // serialization_failure\n',
      "",
    ]),
  ),
];
