import { type Mutant, mutant } from "./mutant.ts";

/** Of events from outside, and of who takes them. */
export const EVENT_MUTANTS: readonly Mutant[] = [
  mutant("a trigger that waits for quiet forgets what waits", "WT-3", "store/due-triggers.ts", [
    "const end: TriggerSettled = { cursor: waiting.idleCursor, nextAt,",
    "const end: TriggerSettled = { cursor: waiting.cursor, nextAt,",
  ]),
  mutant("a batch does not wait for its time", "WT-3", "core/trigger/plan-firing.ts", [
    "isFull ? now : now + batch.everyMs",
    "isFull ? now : now + Math.floor(batch.everyMs / 2)",
  ]),
  mutant("a task takes an event that it does not mean", "WT-3", "store/take-event.ts", [
    "page.filter((row) => matchesEvent(filter, toPendingEvent(row)))",
    "page.filter((row) => matchesEvent({ where: [] }, toPendingEvent(row)))",
  ]),
];
