import type { Reprocess } from "../../../core/backfill/decide-interval.ts";
import type { DataInterval } from "../../../core/instant.ts";
import type { Json } from "../../../core/json.ts";
import type { PipelineSpec } from "../../../core/manifest.ts";
import type { IntervalOrder } from "../../../core/schedule/intervals-between.ts";
import type { ScheduleSpec } from "../../../core/schedule/schedule-spec.ts";
import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { CallFaultRates } from "../faults/call-faults.ts";
import type { Spell } from "../faults/fault-classes.ts";
import type { TaskHabits } from "./behaviour.ts";

/**
 * Everything that is planned about one world, as data: a seed draws it, and to shrink a failure is to leave parts of it
 * out.
 */
export interface Scenario {
  readonly seed: number;
  readonly nodes: readonly NodePlan[];
  readonly pipelines: readonly PipelineSpec[];
  /** What the project says of pools and tags. */
  readonly limits: ProjectLimits;
  /** By `pipeline/task`. */
  readonly habits: Readonly<Record<string, TaskHabits>>;
  readonly actions: readonly ActionPlan[];
  readonly spells: readonly SpellPlan[];
  /** What an operator deploys one after the other, in a world that is about schedules. */
  readonly versions?: readonly DeployedVersion[];
  /** What befalls the database, in such a world. */
  readonly mishaps?: readonly MishapPlan[];
  readonly callFaults: CallFaultRates;
  /** Probability that a task process outlives the crash of its engine by more than a moment. */
  readonly survivors: number;
  readonly leaseMs: number;
  readonly pollMs: number;
  /** Of the machine that the database runs on. */
  readonly databaseSkewMs: number;
  /** Until then things go wrong; afterwards everything must come to an end. */
  readonly chaosMs: number;
}

/** A machine with one engine. */
export interface NodePlan {
  readonly name: string;
  /** Nodes of one host see each other's processes. */
  readonly host: string;
  readonly slots: number;
  readonly queues: readonly string[];
  readonly skewMs: number;
  readonly rate: number;
  /** When the chaos ends it goes for good, with its machine: nobody there can say that it is gone. */
  readonly isLost?: boolean;
}

/** What befalls a node. */
export interface SpellPlan {
  readonly kind: Spell;
  readonly node: string;
  readonly atMs: number;
  /** How long; for a jump of the clock, how far. */
  readonly ms: number;
}

/** A version of the project: its pipelines differ from those of the others in their schedules alone. */
export interface DeployedVersion {
  readonly hash: string;
  readonly pipelines: readonly PipelineSpec[];
}

export interface BackfillPlan {
  readonly pipeline: string;
  readonly schedule: ScheduleSpec;
  readonly range: DataInterval;
  /** In the range. */
  readonly intervals: number;
  readonly reprocess: Reprocess;
  readonly order: IntervalOrder;
  readonly maxActive: number;
}

export interface MishapPlan {
  readonly kind: "database clock jumps" | "wake-up lost";
  readonly atMs: number;
  /** How far the clock jumps. */
  readonly ms: number;
}

/** Something that happens outside, of which somebody sends word. */
export interface EventPlan {
  readonly id: string;
  readonly name: string;
  readonly key?: string;
  readonly payload: Json;
  readonly ttlMs: number;
}

/** What tells a run from others of its pipeline. */
export interface RunOrder {
  /** Its interval, from 0. */
  readonly day: number;
  /** Its only parameter. */
  readonly customer: string;
  readonly trigger: "manual" | "backfill";
}

/** What a person does from outside. */
export type ActionPlan = { readonly name: string; readonly atMs: number; readonly run: string } & (
  | (RunOrder & { readonly kind: "create"; readonly pipeline: string; readonly only?: readonly number[] })
  | { readonly kind: "cancel" }
  | { readonly kind: "retry"; readonly which: "all" | "failed" }
  | { readonly kind: "clear"; readonly task: string; readonly upstream: boolean; readonly downstream: boolean }
  | { readonly kind: "mark"; readonly as: "success" | "failed"; readonly task?: string }
  | { readonly kind: "stop"; readonly how: "cancel" | "kill"; readonly task?: string }
  | { readonly kind: "pause" | "resume"; readonly pipeline: string }
  | { readonly kind: "deploy"; readonly version: string }
  | (BackfillPlan & { readonly kind: "backfill"; readonly key: string })
  | {
      readonly kind: "backfill_act";
      /** The key of the backfill. */
      readonly of: string;
      readonly action: "pause" | "resume" | "cancel" | "retry";
    }
  | { readonly kind: "limit"; readonly scope: string; readonly slots: number | null }
  | { readonly kind: "emit"; readonly event: EventPlan }
  | { readonly kind: "set_cursor"; readonly pipeline: string; readonly cursor: string; readonly to: number }
);

export const PROJECT = "sim";
export const VERSION_HASH = "v1";
