import { inTest, type Mutant, mutant } from "./mutant.ts";

/** When pipelines run by themselves. */
export const SCHEDULE_MUTANTS: readonly Mutant[] = [
  mutant("two that planned the same tick both decide it", "B08", "store/fire-schedules.ts", [
    "found.generation === generation && found.mark === mark && found.nextAt === nextAt && found.rest === rest",
    "found.generation === generation",
  ]),
  mutant("a schedule that lost its wake-up never wakes", "B35", "engine/schedule-mender.ts", [
    "(await this.#store.restoreSchedules()) > 0",
    "(await this.#store.schedules(String(this.#pollMs))).length > 0",
  ]),
  mutant("a schedule that is taken away fires on", "B37", "store/deploy.ts", [
    "return { ...row, nextAt: null, rest: null, fault: null, removedAt: now };",
    "return { ...row, removedAt: now > 0 ? null : now };",
  ]),
  mutant("an edited schedule fires by its old text", "B37", "store/deploy.ts", [
    "edits.push({ ...row, spec: text, origin:",
    "edits.push({ ...row, origin:",
  ]),
  mutant("a time that comes twice fires twice", "B51", "core/schedule/fixed-ticks.ts", [
    "let wall = this.#listed.next(this.#zone.latestWallTime(instant));",
    "let wall = this.#listed.next(this.#zone.wallTime(instant));",
  ]),
  mutant("half an hour of a wildcard is left out where clocks go back", "B51", "core/schedule/wildcard-ticks.ts", [
    "wall = this.#listed.next(from + offset - 1);",
    "wall = this.#listed.next(from + shift.before - 1);",
  ]),
  mutant("after downtime a schedule makes up for all it missed", "B53", "core/schedule/kept-ticks.ts", [
    'catchUp === "latest" ? 1 : catchUp.max',
    'catchUp === "latest" ? 1_000 : catchUp.max',
  ]),
  mutant("ticks within the grace time are left out as well", "TI-4", "core/schedule/plan-walk.ts", [
    "now - jitterMs - end >= spec.graceMs && end < this.#keptFrom",
    "end < this.#keptFrom",
  ]),
  mutant("a paused pipeline is scheduled on", "I20", "store/fire-schedules.ts", [
    "const going = found.filter(({ due: { row } }) => !rows.get(row.key)?.isPaused);",
    "const going = found;",
  ]),
  mutant(
    "after a change the first interval begins at the last tick of the new schedule",
    "TI-6",
    "core/schedule/plan-walk.ts",
    [
      "const interval = { start: this.#at, end };",
      "const interval = { start: ticks.atOrBefore(this.#at) ?? this.#at, end };",
    ],
  ),
  mutant("a backfill leaves out an interval after each step", "I23", "core/backfill/backfill-range.ts", [
    "{ from: instant(cursor ?? start), to: instant(end) }",
    "{ from: instant(cursor === undefined ? start : cursor + 1), to: instant(end) }",
  ]),
  mutant("a backfill is done while its runs are under way", "BF-5", "store/advance-backfill.ts", [
    'return active.length === 0 ? { kind: "end", state: "done" } : { kind: "nothing" };',
    'return { kind: "end", state: "done" };',
  ]),
  mutant("a backfill runs again what has succeeded", "BF-2", "core/backfill/decide-interval.ts", [
    'if (newest === "success") return "succeeded";',
    'if (newest === "success") return "run";',
  ]),
  inTest(
    "core/schedule/cron-properties.test.ts",
    mutant("a step of cron leaves out a day", "B52", "core/schedule/cron-days.ts", [
      "let found = this.#daysOf(month) & ~(2 ** date.getUTCDate() - 1);",
      "let found = this.#daysOf(month) & ~(2 ** (date.getUTCDate() + 1) - 1);",
    ]),
  ),
  inTest(
    "core/schedule/plan-ticks.test.ts",
    mutant("the filters of a calendar are passed over", "TI-8", "core/schedule/plan-walk.ts", [
      'if (!passes(spec, zone, end)) this.#leaveOut("calendar", end, 1);',
      'if (end < 0 && !passes(spec, zone, end)) this.#leaveOut("calendar", end, 1);',
    ]),
  ),
];
