import { type Mutant, mutant } from "./mutant.ts";

/** Of word that something is late. */
export const DEADLINE_MUTANTS: readonly Mutant[] = [
  mutant("a task that has ended is late", "deadline", "core/deadline/judge-deadline.ts", [
    "(task !== OF_RUN && taskRuns.every(({ state }) => isFinished(state)))",
    "(task !== OF_RUN && taskRuns.length === 0)",
  ]),
  mutant("the time of a task counts from the creation of its run", "deadline", "core/deadline/judge-deadline.ts", [
    "Math.max(Math.min(...known), since)",
    "since",
  ]),
  mutant("nobody is told while it can be helped", "deadline", "store/miss-deadlines.ts", [
    'return at <= rows.now ? "due" : { fired: 0, nextInMs: at - rows.now };',
    'return at <= rows.now - 3_600_000 ? "due" : { fired: 0, nextInMs: at - rows.now + 3_600_000 };',
  ]),
];
