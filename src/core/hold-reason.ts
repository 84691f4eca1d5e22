import { formatDuration } from "./duration.ts";
import { type Instant, instantText } from "./instant.ts";
import type { Hold } from "./lane.ts";

/** Who holds slots of a scope. */
export interface ScopeHolder {
  readonly scope: string;
  /** For a person: `daily/load of run 0198c0de`. */
  readonly who: string;
  readonly since: Instant;
}

export type HoldCode =
  | "no_free_slot"
  | "background"
  | "paused"
  | "scope_closed"
  | "scope_full"
  | "slots_kept"
  | "closed_hours"
  | "rate_limit";

/** Holders that a sentence names. */
const NAMED_MAX = 3;

/** What holds a ready task run, for machines by code, for people as a sentence. Holders come longest first. */
export function holdReason(
  hold: Hold,
  holders: readonly ScopeHolder[],
  now: Instant,
): { readonly code: HoldCode; readonly sentence: string } {
  switch (hold.kind) {
    case "no_free_slot":
      return { code: "no_free_slot", sentence: "ready, but all slots are in use" };
    case "background":
      return {
        code: "background",
        sentence: `ready, but a backfill leaves the slots${ofScope(hold.scope)} that are free to live runs`,
      };
    case "paused":
      return { code: "paused", sentence: "ready, but its pipeline is paused" };
    case "kept":
      return {
        code: "slots_kept",
        sentence: `ready, but the next slots of ${scopeText(hold.scope)} are kept for a task that needs several`,
      };
    case "hours": {
      const when = hold.opensAt === undefined ? "" : `, again in ${formatDuration(Math.max(hold.opensAt - now, 0))}`;
      return {
        code: "closed_hours",
        sentence: `ready, but it may start only within ${scopeText(hold.scope)}${when}`,
      };
    }
    case "rate": {
      const per = formatDuration(hold.perMs);
      const when = hold.freeAt === undefined ? "" : `, again in ${formatDuration(Math.max(hold.freeAt - now, 0))}`;
      return {
        code: "rate_limit",
        sentence: `ready, but ${hold.limit} of it may start within ${per} and have${when}`,
      };
    }
    default:
      return slotsReason(
        hold,
        holders.filter(({ scope }) => scope === hold.scope),
      );
  }
}

function slotsReason(
  { scope, slots, used, weight }: Extract<Hold, { kind: "slots" }>,
  holders: readonly ScopeHolder[],
): { readonly code: HoldCode; readonly sentence: string } {
  const name = scopeText(scope);
  if (slots === 0 && scope.startsWith("backfill:")) return { code: "paused", sentence: `ready, but ${name} is paused` };
  if (slots === 0) return { code: "scope_closed", sentence: `ready, but ${name} is closed: its limit is 0` };
  if (weight > slots) {
    return { code: "scope_full", sentence: `ready, but it needs ${weight} slots of ${name}, which has ${slots}` };
  }
  const needs = weight === 1 ? "" : `, and it needs ${weight}`;
  return {
    code: "scope_full",
    sentence: `ready, but ${name}: ${used} of ${slots} slots held${heldBy(holders)}${needs}`,
  };
}

function heldBy(holders: readonly ScopeHolder[]): string {
  if (holders.length === 0) return "";
  const named = holders.slice(0, NAMED_MAX).map(({ who, since }) => `${who} since ${instantText(since)}`);
  const more = holders.length > NAMED_MAX ? ` and ${holders.length - NAMED_MAX} more` : "";
  return ` by ${named.join(", ")}${more}`;
}

function ofScope(scope: string | undefined): string {
  return scope === undefined ? "" : ` of ${scopeText(scope)}`;
}

/** `pool:warehouse` as a person says it. */
function scopeText(scope: string): string {
  const kind = scope.slice(0, scope.indexOf(":"));
  const name = scope.slice(kind.length + 1);
  switch (kind) {
    case "run":
      return "its run";
    case "group":
      return `group ${name.slice(name.indexOf("/") + 1)} of its run`;
    case "map":
      return `the map of ${name.slice(name.indexOf("/") + 1)} in its run`;
    case "hours":
      return name;
    case "runs":
      return `runs of pipeline ${name}`;
    default:
      return `${kind} ${name}`;
  }
}
