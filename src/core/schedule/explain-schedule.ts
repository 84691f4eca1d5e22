import { formatDuration } from "../duration.ts";
import { type Instant, instantText } from "../instant.ts";
import type { SourceLocation } from "../source-location.ts";
import type { ComingTick } from "./coming-tick.ts";
import { heldText } from "./held-tick.ts";
import { nextFire } from "./next-fire.ts";
import type { CatchUp, ScheduleSpec } from "./schedule-spec.ts";
import type { TickGap } from "./schedule-state.ts";
import { timingText } from "./timing-text.ts";

/** What is known of a schedule when somebody asks why its pipeline does not run. */
export interface ScheduleQuestion {
  readonly spec: ScheduleSpec;
  /** Names it among all others. */
  readonly seed: string;
  /** End of the last interval that was decided. */
  readonly mark?: Instant;
  readonly nextAt?: Instant;
  /** Why it is not looked at by time. */
  readonly rest?: "off" | "paused" | "ended" | "run" | "code";
  /** The last run it has made, as people see it. */
  readonly lastRun?: string;
  readonly fault?: {
    readonly message: string;
    readonly hint?: string;
    readonly location?: SourceLocation;
    readonly since: Instant;
    readonly times: number;
  };
  readonly pause?: { readonly by: string; readonly at: Instant; readonly reason?: string };
  /** An engine that fires schedules is running. */
  readonly isServed: boolean;
  /** What was left out last. */
  readonly gap?: TickGap;
  readonly now: Instant;
}

export interface ScheduleAnswer {
  /** When its next run is created; absent when none is to come by time. */
  readonly nextAt?: Instant;
  /** The first says when it runs next, or why not. */
  readonly sentences: readonly string[];
}

/** Says when a schedule makes its next run, or why it makes none. */
export function explainSchedule(question: ScheduleQuestion): ScheduleAnswer {
  const coming = nextRun(question);
  const sentences = [mainSentence(question, coming), ...besides(question)];
  return { ...(coming?.kind === "tick" ? { nextAt: coming.at } : {}), sentences };
}

function nextRun({ spec, seed, nextAt, fault, now }: ScheduleQuestion): ComingTick | undefined {
  if (nextAt === undefined || fault !== undefined) return undefined;
  return nextAt <= now ? { kind: "tick", at: nextAt } : nextFire({ spec, seed }, nextAt);
}

function mainSentence(question: ScheduleQuestion, coming: ComingTick | undefined): string {
  const { spec, rest, fault, pause, lastRun = "", now } = question;
  const it = `Schedule ${spec.name} (${timingText(spec.timing)}, ${spec.timezone})`;
  if (fault !== undefined) {
    const why = `${fault.message}${placeText(fault.location)}`;
    return `${it} cannot be planned since ${instantText(fault.since)}: ${why}`;
  }
  if (rest === "off") return `${it} is off, by its definition: enabled is false.`;
  if (rest === "paused" && pause === undefined) return `${it} goes on in a moment: its pipeline is paused no more.`;
  if (pause !== undefined && rest !== "ended") {
    const why = pause.reason === undefined ? "" : `: ${pause.reason}`;
    return `${it} waits: ${pause.by} has paused its pipeline at ${instantText(pause.at)}${why}`;
  }
  if (rest === "ended") return `${it} has come to its end: no tick is left.`;
  if (rest === "run") return `${it} waits for its run ${lastRun} to end.`;
  if (rest === "code") return `${it} waits for its function to say when it fires next.`;
  if (coming === undefined) return `${it} has lost its wake-up; it has it again within a minute.`;
  if (coming.kind !== "tick") return `${it} ${withoutTick(coming, spec)}`;
  if (coming.at <= now) return `${it} is due since ${instantText(coming.at)}.`;
  return `${it} makes its next run at ${instantText(coming.at)}, in ${formatDuration(coming.at - now)}.`;
}

function withoutTick(coming: Exclude<ComingTick, { readonly kind: "tick" }>, spec: ScheduleSpec): string {
  if (coming.kind === "unknown") return "holds back so many ticks that its next run is not foreseen.";
  const until = coming.kind === "held" ? "makes no run in the year to come" : "makes no run before its end";
  return coming.held.length === 0 ? `${until}.` : `${until}: ${heldText(spec, coming.held)}.`;
}

function besides({ spec, fault, mark, gap, rest, isServed, nextAt, now }: ScheduleQuestion): readonly string[] {
  const isOver = rest === "off" || rest === "ended";
  return [
    ...(fault?.hint === undefined ? [] : [fault.hint]),
    ...(fault === undefined ? [] : [`${triedText(fault.times)}; again at ${instantText(nextAt ?? now)}.`]),
    ...(isServed || isOver ? [] : ["Nothing fires it now: no batuta dev is running here."]),
    ...(mark === undefined || mark <= now
      ? []
      : [`The clock was set back: intervals up to ${instantText(mark)} have had their turn.`]),
    ...(gap === undefined ? [] : [gapSentence(gap, spec.catchUp)]),
  ];
}

function placeText(location: SourceLocation | undefined): string {
  return location === undefined ? "" : ` (${location.file}:${location.line})`;
}

function triedText(times: number): string {
  if (times === 0) return "Not tried since it was deployed anew";
  return `Tried ${times === 1 ? "once" : `${times} times`}`;
}

function gapSentence({ reason, from, to, ticks }: TickGap, catchUp: CatchUp): string {
  const count = ticks === 1 ? "1 tick" : `${ticks.toLocaleString("en")} ticks`;
  const span = `from ${instantText(from)} to ${instantText(to)}`;
  if (reason === "calendar") return `Its calendar left out ${count} ${span}.`;
  return `${count} ${span} ${ticks === 1 ? "was" : "were"} missed and left out (catchUp: ${JSON.stringify(catchUp)}).`;
}
