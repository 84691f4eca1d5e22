import { type Mutant, mutant, onBoth } from "./mutant.ts";

export const ATTEMPT_MUTANTS: readonly Mutant[] = [
  onBoth(
    mutant("trusts a late completion", "B13", "store/end-attempts.ts", [
      '    row.state === "running" &&\n    row.token === completion.token &&\n    lease?.token === completion.token &&\n    lease.sessionId === completion.session\n',
      "    completion.token > 0 || lease !== undefined\n",
    ]),
  ),
  onBoth(
    mutant("does not compare the token", "B10", "store/end-attempts.ts", [
      "    row.token === completion.token &&\n    lease?.token === completion.token &&\n    lease.sessionId === completion.session\n",
      "    lease?.sessionId === completion.session\n",
    ]),
  ),
  mutant("the attempt number does not grow", "I05", "store/sqlite/claim.ts", [
    "attempt = attempt + 1",
    "attempt = attempt + 0",
  ]),
  mutant("the token does not grow", "I02", "store/sqlite/claim.ts", ["token = token + 1", "token = token + 0"]),
  onBoth(mutant("a claim leaves no event", "I08", "store/claim.ts", ["  await writeEvents(tx, claimed);\n", ""])),
  mutant("forgets to delete the lease", "B21", "store/sqlite/apply-changes.ts", [
    "  for (const key of endedLeases(moves)) db.run(DELETE_LEASE, key);\n",
    "  void endedLeases(moves);\n",
  ]),
  mutant("forgets that a waiting one is waiting no more", "I25", "store/sqlite/apply-changes.ts", [
    "  for (const row of waiting.gone) db.run(DELETE_WAITING, row.key);\n",
    "",
  ]),
  mutant("what is ready is in no queue", "B01", "store/sqlite/apply-changes.ts", [
    "  for (const row of ready.made) db.run(INSERT_READY, row.laneId, row.queuedAt, row.key, row.runKey);\n",
    "",
  ]),
];
