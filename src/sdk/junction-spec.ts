import type { TaskSpec } from "../core/manifest.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";
import type { Part } from "./parts.ts";
import { NO_RETRIES } from "./retries.ts";

/** What the manifest says of a junction beside its place in the graph. */
export function junctionSpec({ name, location, kind, when }: Part): Omit<TaskSpec, "upstream"> {
  return {
    name,
    location,
    kind: "junction",
    execution: { via: "none", as: kind === "end" ? "summary" : "gate" },
    input: {},
    when: RULES[kind] ?? when,
    retries: NO_RETRIES.policy,
    hasRetryCode: false,
    hasDoneWhen: false,
    lostLimit: 0,
    graceMs: 0,
    queue: "default",
    priority: 0,
    allowFailure: false,
    ...(OF_TEARDOWN.has(kind) ? { role: "teardown" } : {}),
    inputs: [],
    outputs: [],
    connections: [],
  };
}

/** The start of a group has the rule of the group. */
const RULES: Readonly<Partial<Record<Part["kind"], TriggerRule>>> = {
  end: "all_done",
  cleanup: "all_done",
  setups: "one_success",
  work: "all_done",
};

/** They wait on when a run is cancelled, for tear-downs still run. */
const OF_TEARDOWN: ReadonlySet<Part["kind"]> = new Set(["cleanup", "setups", "work"]);
