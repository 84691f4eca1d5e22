/** A bug that somebody could write: in this file, this text becomes that one. */
export interface Mutant {
  readonly name: string;
  /** The field's bug it stands for, by its number, or the invariant it breaks. */
  readonly stands: string;
  /** Within `src`. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly text: string;
  readonly becomes: string;
}

/** Each must be met by the simulator: a mutant that lives shows what it does not look at. */
export const MUTANTS: readonly Mutant[] = [
  // Attempts and leases.
  mutant("trusts a late completion", "B13", "store/end-attempts.ts", [
    '    row.state === "running" &&\n    row.token === completion.token &&\n    lease?.token === completion.token &&\n    lease.sessionId === completion.session\n',
    "    completion.token > 0 || lease !== undefined\n",
  ]),
  mutant("the attempt number does not grow", "I05", "store/sqlite/claim.ts", [
    "attempt = attempt + 1",
    "attempt = attempt + 0",
  ]),
  mutant("the token does not grow", "I02", "store/sqlite/claim.ts", ["token = token + 1", "token = token + 0"]),
  mutant("a claim leaves no event", "I08", "store/claim.ts", ["  await writeEvents(tx, claimed);\n", ""]),
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

  // Sessions.
  mutant("reaps at the second look", "B16", "engine/reaper.ts", [
    "now - seen.since >= session.leaseMs",
    "now - seen.since >= 0",
  ]),
  mutant("reaps whom it does not know", "B49", "engine/reaper.ts", [
    'if (state !== "elsewhere") return state === "gone";',
    'return state !== "alive";',
  ]),
  mutant("leaves the processes of the dead alone", "B18", "engine/reaper.ts", [
    "    for (const session of dead) await this.#processes.endLeftOvers(session);\n",
    "",
  ]),
  mutant("works on without a lease", "B19", "engine/session-keeper.ts", [
    "return this.#msLeft() <= 0 ? this.#giveUp() : RETRY_MS;",
    "return RETRY_MS;",
  ]),
  mutant("does not hear that it was reaped", "B18", "engine/session-keeper.ts", [
    'answer = alive ? "renewed" : "reaped";',
    'answer = alive ? "renewed" : "renewed";',
  ]),
  mutant("reaps a session again and again", "B14", "store/reap-sessions.ts", ["  await tx.closeSessions(ids);\n", ""]),
  mutant("the dead take their attempts with them", "B11", "store/reap-sessions.ts", [
    "if (leases.length === 0) return [];",
    "return [];",
  ]),
  mutant("the lost are lost for good", "B15", "core/retry-policy.ts", [
    'return lost < lostLimit ? "replace" : "fail";',
    'return lost > lostLimit ? "replace" : "fail";',
  ]),
  mutant("the lost are replaced for ever", "ST-5", "core/retry-policy.ts", [
    'return lost < lostLimit ? "replace" : "fail";',
    'return lost < lostLimit + 5 ? "replace" : "fail";',
  ]),

  // Retries.
  mutant("a lost worker uses up a retry", "ST-5", "core/retry-policy.ts", [
    "const used = attempt - lost;",
    "const used = attempt + 0 * lost;",
  ]),
  mutant("one retry too many", "RT-1", "core/retry-policy.ts", [
    "if (used > policy.limit)",
    "if (used > policy.limit + 1)",
  ]),
  mutant("retries what is fatal", "RT-3", "core/retry-policy.ts", [
    '  "fatal",\n  "invalid_output",',
    '  "invalid_output",',
  ]),
  mutant("retries without a wait", "I31", "store/end-attempts.ts", [
    "const dueAt = set.now + Math.max(Math.ceil(delayMs), 0);",
    "const dueAt = set.now + 0 * delayMs;",
  ]),
  mutant("retries what is being cancelled", "B26", "store/end-attempts.ts", [
    "return isBeingCancelled(set, row) ? cancel(set, row, result.failure) : retryTaskRun(set, row, result);",
    "return retryTaskRun(set, row, result);",
  ]),
  mutant("replaces what is being cancelled", "B25", "store/end-attempts.ts", [
    "return isBeingCancelled(set, row) ? cancel(set, row, result.failure) : replace(set, row, result.failure);",
    "return replace(set, row, result.failure);",
  ]),
  mutant("nobody looks for back-offs that are over", "B41", "engine/retry-timer.ts", [
    "await this.#store.releaseRetries()",
    "{ released: 0, nextInMs: this.#pollMs }",
  ]),

  // What follows.
  mutant("counts of those who wait are not kept", "I45", "store/working-set.ts", [
    "if (!sameCounts(entry.after, counts)) entry.after",
    "if (sameCounts(entry.after, counts)) entry.after",
  ]),
  mutant("failures are not counted", "I45", "store/working-set.ts", [
    "failing: run.after.failing + failed,",
    "failing: run.after.failing + 0 * failed,",
  ]),
  mutant("two alerts for one failure", "I33", "store/working-set.ts", [
    '    this.note(runKey, { kind: "alert_due", taskIndex, generation });\n',
    '    this.note(runKey, { kind: "alert_due", taskIndex, generation });\n    this.note(runKey, { kind: "alert_due", taskIndex, generation });\n',
  ]),
  mutant("one_failed waits for all", "TR-7", "core/trigger-rule.ts", [
    "runs: ({ bad }) => bad > 0,",
    "runs: ({ bad, done }) => done && bad > 0,",
  ]),
  mutant("none_skipped forgives a skip", "TR-11", "core/trigger-rule.ts", [
    "runs: ({ done, skipped }) => done && skipped === 0,",
    "runs: ({ done }) => done,",
  ]),
  mutant("a failure that is allowed fails the run", "RS-1", "core/run-outcome.ts", [
    '(state === "failed" || state === "cancelled") && !allowFailure',
    '(state === "failed" || state === "cancelled") && (!allowFailure || allowFailure)',
  ]),

  // Operators.
  mutant("a cleared one keeps its attempts", "I07", "store/carry-out.ts", [
    "generation: row.generation + 1, attempt: 0, lost: 0",
    "generation: row.generation + 1, lost: 0",
  ]),
  mutant("what is cleared takes no dependants back", "B40", "store/carry-out.ts", [
    "  askAnew(set, runKey, [...revised, ...junctions]);\n",
    "  void [askAnew, revised, junctions];\n",
  ]),
  mutant("a cancelled run starts what is queued", "B23", "store/stop-run.ts", [
    'const WAITING: readonly string[] = ["scheduled", "queued", "retrying", "deferred"];',
    'const WAITING: readonly string[] = ["scheduled", "retrying", "deferred"];',
  ]),
  mutant("a stop leaves no audit", "I38", "store/stop.ts", [
    "    set.audit({ project: run.project, actor, action, runKey: run.key, details });\n",
    "    void [details, action];\n",
  ]),

  // The dispatcher.
  mutant("a claim whose answer was lost is forgotten", "B21", "engine/dispatcher.ts", [
    "if (claim !== undefined) this.#claimsInDoubt = true;",
    "",
  ]),
  mutant("takes in hand twice", "B07", "engine/dispatcher.ts", [
    "claims.filter((claim) => !this.#inHand.has(nameOf(claim)))",
    "claims",
  ]),
  mutant("an outage fails the task", "B06", "engine/dispatcher.ts", [
    "if (!isOutage(error)) throw error;",
    "throw error;",
  ]),
  mutant("an outage loses results", "B03", "engine/dispatcher.ts", [
    "      this.#finished.unshift(...completions);\n",
    "",
  ]),
  mutant("a slot is never given back", "B22", "engine/dispatcher.ts", [
    "    for (const completion of completions) this.#inHand.delete(nameOf(completion));\n",
    "",
  ]),
  mutant("nobody is stopped", "B20", "engine/canceller.ts", [
    "if (inHand.length > 0) this.#holder",
    "if (inHand.length > 1_000_000) this.#holder",
  ]),
  mutant("a shutdown cancels what ran", "B27", "engine/dispatcher.ts", [
    'if (!this.#draining || result.kind !== "cancelled") return result;',
    'if (!this.#draining || result.kind === "cancelled") return result;',
  ]),
  mutant("goes on starting after it was stopped", "B27", "engine/engine.ts", [
    "    await this.#starting?.catch(() => undefined);\n",
    "",
  ]),
  mutant("an outage ends the loop", "B30", "engine/poller.ts", [
    "      return retryInMs;\n",
    "      return Number.POSITIVE_INFINITY;\n",
  ]),

  // Limits.
  mutant("one more than the limit", "I24", "core/scope-use.ts", ["used + weight <= view.slots", "used <= view.slots"]),
  mutant("slots in use are not counted", "B21", "store/sqlite/scope-rows.ts", [
    "(select coalesce(sum(weight), 0) from lease_scope where lease_scope.scope_id = scope.id) as used",
    "0 as used",
  ]),
];

function mutant(name: string, stands: string, file: string, [text, becomes]: readonly [string, string]): Mutant {
  return { name, stands, file, text, becomes };
}
