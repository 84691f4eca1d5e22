import { type Mutant, mutant } from "./mutant.ts";

export const SESSION_MUTANTS: readonly Mutant[] = [
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
    "leases.length === 0 ? []",
    "leases.length >= 0 ? []",
  ]),
  mutant("the lost are lost for good", "B15", "core/retry-policy.ts", [
    'return lost < lostLimit ? "replace" : "fail";',
    'return lost > lostLimit ? "replace" : "fail";',
  ]),
  mutant("the lost are replaced for ever", "ST-5", "core/retry-policy.ts", [
    'return lost < lostLimit ? "replace" : "fail";',
    'return lost < lostLimit + 5 ? "replace" : "fail";',
  ]),
  mutant("renews too late", "B09", "engine/session-keeper.ts", [
    "askedAt + this.#leaseMs / 3",
    "askedAt + this.#leaseMs * 3",
  ]),
  mutant("waits for ever for those of whom nothing is heard", "B68", "engine/reaper.ts", [
    "now - seen.since >= session.leaseMs",
    "now - seen.since >= session.leaseMs * 1_000_000",
  ]),
];
