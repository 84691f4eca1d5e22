import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { Probes } from "../probes.ts";
import { type ExpectedTick, expectedTicks, tickAtOrBefore } from "../reference/expected-ticks.ts";
import { type MadeRun, readCurrentVersion, readMadeRuns, readSchedules, type SeenSchedule } from "./schedule-rows.ts";

export interface ScheduleWatchParts {
  readonly db: SqliteConnection;
  readonly findings: Findings;
  readonly probes: Probes;
  /** By the database's clock. */
  readonly now: () => number;
}

/**
 * Judges after each commit what was decided of each schedule: which ticks made runs, in which order and for which
 * intervals, and which were left out (I17 to I20, I22, TI-1, TI-3, TI-4, TI-6, TI-8).
 */
export class ScheduleWatch {
  readonly #parts: ScheduleWatchParts;
  #seen: ReadonlyMap<number, SeenSchedule> = new Map();
  #version: string | undefined;

  constructor(parts: ScheduleWatchParts) {
    this.#parts = parts;
  }

  committed(): void {
    const { db } = this.#parts;
    const schedules = readSchedules(db);
    for (const schedule of schedules) {
      const before = this.#seen.get(schedule.key);
      if (before !== undefined) this.#judge(before, schedule);
    }
    this.#seen = new Map(schedules.map((schedule) => [schedule.key, schedule]));
    this.#version = readCurrentVersion(db);
  }

  /** I21: once all is well each schedule that is on has decided what is due, and has a wake-up, or a reason for none. */
  expectAwake(slackMs: number): void {
    const { findings, now } = this.#parts;
    for (const schedule of this.#seen.values()) {
      const { name, spec, origin, mark, nextAt, rest, isRemoved, isPaused } = schedule;
      if (isRemoved || isPaused || !spec.enabled) continue;
      findings.expect(nextAt !== null || AT_REST.includes(rest ?? ""), "I21", () => `${name} has no wake-up (${rest})`);
      if (spec.timing.kind !== "cron" && spec.timing.kind !== "every") continue;
      const due = tickAtOrBefore(spec, now() - slackMs - (spec.jitterMs ?? 0));
      const isDecided = due <= Math.max(mark ?? 0, origin);
      findings.expect(isDecided, "I21", () => `${name}: ${utc(due)} is not decided, the mark is ${utc(mark ?? 0)}`);
    }
  }

  #judge(before: SeenSchedule, after: SeenSchedule): void {
    const { findings, db } = this.#parts;
    const { name } = after;
    findings.expect((before.mark ?? 0) <= (after.mark ?? 0), "I19", () => `the mark of ${name} goes back`);
    findings.expect(after.fault === null, "B32", () => `${name} is said to be at fault: ${after.fault}`);
    const runs = after.made === before.made ? [] : readMadeRuns(db, after.key, before.made);
    findings.expect(
      runs.length === after.made - before.made,
      "I17",
      () => `${name} has ${after.made} intervals, but ${before.made + runs.length} runs`,
    );
    if (after.mark === before.mark) {
      findings.expect(runs.length === 0, "TI-3", () => `${name} made ${runs[0]?.id} and did not move its mark`);
      return;
    }
    this.#judgePeace(before, after, runs);
    this.#judgeDecided(before, after, runs);
  }

  /** I20: what had been paused, taken away or switched off before makes nothing. */
  #judgePeace({ isPaused, isRemoved, spec }: SeenSchedule, { name }: SeenSchedule, runs: readonly MadeRun[]): void {
    const { findings } = this.#parts;
    const mayFire = !isPaused && !isRemoved && spec.enabled;
    findings.expect(mayFire || runs.length === 0, "I20", () => `${name} made ${runs[0]?.id} though it was not to fire`);
    const stale = runs.find(({ version }) => version !== this.#version);
    findings.expect(stale === undefined, "I20", () => `${stale?.id} is of version ${stale?.version}`);
  }

  #judgeDecided(before: SeenSchedule, after: SeenSchedule, runs: readonly MadeRun[]): void {
    const { spec, name } = before;
    const { findings } = this.#parts;
    let end = before.mark ?? Number.NEGATIVE_INFINITY;
    for (const run of runs) {
      findings.expect(run.end > end, "I19", () => `${name}: the run until ${utc(run.end)} comes after ${utc(end)}`);
      end = run.end;
    }
    if (spec.timing.kind === "once") this.#judgeOnce(before, after, runs);
    else if (spec.timing.kind === "continuous") this.#judgeContinuous(before, after, runs);
    else this.#judgeTicks(before, after, runs);
  }

  #judgeTicks(before: SeenSchedule, after: SeenSchedule, runs: readonly MadeRun[]): void {
    const { spec, origin, mark, name } = before;
    const { now, findings } = this.#parts;
    const begin = tickAtOrBefore(spec, origin);
    const from = Math.max(mark ?? begin, begin);
    const to = after.mark ?? from;
    const expected = expectedTicks({ spec, from, to, now: now() });
    this.#judgeFates(expected, { runs, from }, before, after);
    this.#judgeIntervals(expected, runs, { from, spec, name });
    findings.expect(expected.at(-1)?.at === to, "I18", () => `${name}: the mark ${utc(to)} is no tick`);
  }

  #judgeFates(
    expected: readonly ExpectedTick[],
    { runs, from }: { readonly runs: readonly MadeRun[]; readonly from: number },
    before: SeenSchedule,
    after: SeenSchedule,
  ): void {
    const { findings, probes } = this.#parts;
    const { name } = after;
    const made = new Set(runs.map(({ end }) => end));
    // Ticks that one run covers, from where all was decided on, are neither missed nor filtered.
    const [first] = runs;
    const isOverAll = before.spec.catchUp === "coalesce" && first?.start === from;
    const coalesced = isOverAll ? first.end : 0;
    for (const { at, fate } of expected) {
      if (fate === "either" || (at < coalesced && fate !== "run")) continue;
      const isRight = made.has(at) === (fate === "run");
      findings.expect(
        isRight,
        "I18",
        () => `${name}: the tick ${utc(at)} was to be "${fate}" at ${utc(this.#parts.now())}`,
      );
      probes.reached(`tick: ${fate}`);
    }
    const ticks = new Set(expected.map(({ at }) => at));
    const stray = runs.find(({ end }) => !ticks.has(end));
    findings.expect(
      stray === undefined,
      "I18",
      () => `${name} made a run until ${utc(stray?.end ?? 0)}, which is no tick`,
    );
    const left = after.missed - before.missed + after.byCalendar - before.byCalendar;
    const leftOut = expected.filter(({ at }) => !made.has(at) && at > coalesced).length;
    findings.expect(left === leftOut, "TI-4", () => `${name}: ${left} ticks are noted as left out, ${leftOut} were`);
  }

  /** TI-1, TI-6: each begins at the tick before, or where the last one has ended. */
  #judgeIntervals(
    expected: readonly ExpectedTick[],
    runs: readonly MadeRun[],
    { from, spec, name }: { readonly from: number; readonly spec: SeenSchedule["spec"]; readonly name: string },
  ): void {
    const { findings, probes } = this.#parts;
    const starts = new Map(expected.map(({ at }, index) => [at, expected[index - 1]?.at ?? from]));
    for (const [index, { start, end, isPartial }] of runs.entries()) {
      const isOverAll = spec.catchUp === "coalesce" && index === 0 && start === from;
      const isRight = start === starts.get(end) || isOverAll;
      findings.expect(
        isRight,
        "TI-1",
        () => `${name}: ${utc(start)} is no beginning of the interval until ${utc(end)}`,
      );
      if (isPartial === 1) probes.reached("partial interval");
      const isStep = tickAtOrBefore(spec, start) === start;
      findings.expect(
        isPartial === 0 || !isStep,
        "TI-6",
        () => `${name}: the interval until ${utc(end)} is not partial`,
      );
    }
  }

  #judgeOnce(before: SeenSchedule, after: SeenSchedule, runs: readonly MadeRun[]): void {
    const { findings } = this.#parts;
    const isRight = runs.length <= 1 && runs.every(({ start, end }) => start === end && end === before.origin);
    findings.expect(isRight, "TI-1", () => `${after.name}: @once made ${runs.length} runs`);
  }

  #judgeContinuous(before: SeenSchedule, after: SeenSchedule, runs: readonly MadeRun[]): void {
    const { findings, db, now } = this.#parts;
    const { name, mark, origin, lastRun } = before;
    const from = Math.max(mark ?? origin, origin);
    const [run] = runs;
    if (run === undefined) return;
    const isRight = runs.length === 1 && run.start === from && run.end <= now() && run.end === after.mark;
    findings.expect(
      isRight,
      "TI-1",
      () => `${name}: [${utc(run.start)}, ${utc(run.end)}) does not follow ${utc(from)}`,
    );
    const last =
      lastRun === null ? undefined : db.get<{ state: string }>("select state from run where id = ?", lastRun);
    const isOver = last === undefined || ["success", "failed", "cancelled"].includes(last.state);
    findings.expect(isOver, "TI-1", () => `${name}: ${run.id} begins before ${lastRun} has ended`);
  }
}

/** Without a wake-up by time: nothing is to come, or its last run is under way. */
const AT_REST: readonly string[] = ["ended", "run"];

function utc(instant: number): string {
  return Number.isFinite(instant) ? new Date(instant).toISOString() : "the beginning";
}
