import { inTest, type Mutant, mutant } from "./mutant.ts";

export const DISPATCHING_MUTANTS: readonly Mutant[] = [
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
  inTest(
    "engine/engine.test.ts",
    mutant("what it remembers forbids what it is given", "B02", "engine/dispatcher.ts", [
      "    for (const claim of claims) {\n      this.#inHand.set(",
      "    for (const claim of claims) {\n      if (this.inHand().some((held) => held.taskRunKey === claim.taskRunKey)) continue;\n      this.#inHand.set(",
    ]),
  ),
  mutant("of many claims some are never begun", "B04", "engine/dispatcher.ts", [
    "for (const [runId, ofRun] of byRun) void this.#executeRun(runId, ofRun, askedAt);",
    "for (const [runId, ofRun] of byRun) void this.#executeRun(runId, ofRun.slice(0, 2), askedAt);",
  ]),
];
