import { formatDuration } from "../duration.ts";
import { type Instant, instantText } from "../instant.ts";
import type { EventFilter } from "./event-filter.ts";
import type { TriggerSource, TriggerSpec } from "./trigger-spec.ts";

/** What is known of a trigger when somebody asks why nothing comes of it. */
export interface TriggerQuestion {
  readonly spec: TriggerSpec;
  /** Events that wait for it, counted up to `pendingMax`. */
  readonly pending: number;
  readonly pendingMax: number;
  readonly nextAt?: Instant;
  readonly openAt?: Instant;
  /** The last run it has made, as people see it. */
  readonly lastRun?: string;
  readonly fault?: {
    readonly message: string;
    readonly hint?: string;
    readonly since: Instant;
    readonly times: number;
  };
  /** It cannot look for its files. */
  readonly lookFault?: { readonly message: string; readonly hint?: string; readonly since: Instant };
  readonly refused: readonly { readonly id: string; readonly fault: string }[];
  readonly pause?: { readonly by: string; readonly at: Instant; readonly reason?: string };
  /** An engine that fires triggers is running. */
  readonly isServed: boolean;
  readonly now: Instant;
}

/** What a trigger waits for, or why it does not fire: the first sentence says it, the others tell more. */
export function explainTrigger(question: TriggerQuestion): readonly string[] {
  const { spec, pending, pendingMax, isServed, lastRun, fault, lookFault, refused } = question;
  const it = `Trigger ${spec.name} (${sourceText(spec.source)})`;
  const first = pending === 0 ? `${it} waits for ${nounOf(spec.source)}s.` : `${it}: ${waiting(question)}`;
  const more =
    pending >= pendingMax ? [`More than ${pendingMax.toLocaleString("en")} ${nounOf(spec.source)}s wait for it.`] : [];
  const served = isServed ? [] : ["No engine is running that fires triggers."];
  const last = lastRun === undefined ? [] : [`Its last run is ${lastRun}.`];
  const wrong = [...faultTexts(lookFault), ...faultTexts(fault)];
  const refusals = refused.map(({ id, fault: why }) => `Event ${id} made no run: ${why}`);
  return [first, ...more, ...served, ...last, ...wrong, ...refusals];
}

function faultTexts(fault: TriggerQuestion["lookFault"]): readonly string[] {
  if (fault === undefined) return [];
  const { message, hint, since } = fault;
  return [`Since ${instantText(since)}: ${message}`, ...(hint === undefined ? [] : [hint])];
}

function waiting({ spec, pending, pause, fault, nextAt, openAt, now }: TriggerQuestion): string {
  const noun = nounOf(spec.source);
  const events = pending === 1 ? `1 ${noun} waits` : `${pending.toLocaleString("en")} ${noun}s wait`;
  if (pause !== undefined) {
    const why = pause.reason === undefined ? "" : `: ${pause.reason}`;
    return `${events}, for ${pause.by} has paused its pipeline at ${instantText(pause.at)}${why}`;
  }
  if (nextAt === undefined || nextAt <= now) return `${events}, and it is due.`;
  const inTime = `${formatDuration(nextAt - now)}`;
  if (fault !== undefined) return `${events}, and it is tried again in ${inTime}.`;
  if (openAt !== undefined && openAt > now) {
    return `${events} for its next batch, in ${inTime}: one run in ${formatDuration(spec.batch?.everyMs ?? 0)} at most.`;
  }
  return `${events} until it has been quiet for ${formatDuration(spec.debounce?.quietMs ?? 0)}, in ${inTime} at the earliest.`;
}

/** What people see of a file is its path. */
function nounOf({ kind }: TriggerSource): string {
  return kind === "file" ? "file" : "event";
}

/** `orders.arrived where region eq "eu"`, `daily_sales: success`. */
export function sourceText(source: TriggerSource): string {
  if (source.kind === "pipeline") return `after ${source.pipeline}: ${source.state}`;
  if (source.kind === "file") return `on files ${source.glob}`;
  return `on ${source.event}${filterText(source.filter)}`;
}

function filterText({ key, where }: EventFilter): string {
  const parts = [
    ...(key === undefined ? [] : [`key ${JSON.stringify(key)}`]),
    ...where.map(({ path, is, value }) => `${path} ${is} ${JSON.stringify(value)}`),
  ];
  return parts.length === 0 ? "" : ` where ${parts.join(", ")}`;
}
