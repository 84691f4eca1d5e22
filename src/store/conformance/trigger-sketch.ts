import type { Json } from "../../core/json.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { spanOf } from "../../core/trigger/run-of-events.ts";
import type { NewSignal } from "../../core/trigger/signal.ts";
import type { TriggerSource, TriggerSpec } from "../../core/trigger/trigger-spec.ts";
import { sha256Hex } from "../../ports/digest.ts";
import type { DeployRequest } from "../schedule-store.ts";
import type { NewRun, Store } from "../store.ts";
import type { DueTrigger, PendingEvent } from "../trigger-records.ts";
import { manifestOf } from "./pipelines.ts";
import type { Scenario } from "./scenario.ts";

export const HOUR_MS = 3_600_000;

/** Any event called `orders`, unless it says otherwise. */
export function triggerOf(more: Partial<TriggerSpec> = {}): TriggerSpec {
  return {
    ...{ name: "main", location: { file: "pipelines/a.ts", line: 1 }, params: {} },
    source: onOrders(),
    ...more,
  };
}

export function onOrders(region?: string): TriggerSource {
  const where = region === undefined ? [] : [{ path: "region", is: "eq", value: region } as const];
  return { kind: "event", event: "orders", filter: { where } };
}

export function afterPipeline(pipeline: string, state: "success" | "failed" | "finished" = "success"): TriggerSource {
  return { kind: "pipeline", pipeline, state, interval: "same" };
}

/** Deploys pipelines of one task with these triggers. */
export async function deployTriggers(
  { store }: Pick<Scenario, "store">,
  triggers: Readonly<Record<string, readonly TriggerSpec[]>>,
  { spec, ...more }: Partial<DeployRequest> & { readonly spec?: Partial<PipelineSpec> } = {},
): Promise<string> {
  const manifest = manifestOf(Object.fromEntries(Object.keys(triggers).map((name) => [name, { a: {} }])), spec);
  const pipelines = manifest.pipelines.map((one) => ({ ...one, triggers: triggers[one.name] ?? [] }));
  const versionHash = sha256Hex(JSON.stringify(pipelines));
  await store.saveVersion({ hash: versionHash, project: "shop", manifest: { ...manifest, pipelines } });
  await store.deploy({ project: "shop", versionHash, actor: "anna", ...more });
  return versionHash;
}

export function orders(id: string, payload: Json = {}, more: Partial<NewSignal> = {}): NewSignal {
  return { project: "shop", name: "orders", id, payload, ttlMs: 24 * HOUR_MS, ...more };
}

/** What is due now, once everybody has been told of everything. */
export async function dueNow(store: Pick<Store, "dueTriggers">): Promise<readonly DueTrigger[]> {
  for (;;) {
    const { due, nextInMs } = await store.dueTriggers("shop", 100);
    if (due.length > 0 || nextInMs !== 0) return due;
  }
}

/** Fires all that is due, again and again; gives the ids of the events of each run. */
export async function fireAll(store: Store): Promise<readonly (readonly string[])[]> {
  const taken: (readonly string[])[] = [];
  for (let due = await dueNow(store); due.length > 0; due = await dueNow(store)) {
    for (const one of due) if (await fire(store, one)) taken.push(...one.groups.map(idsOf));
  }
  return taken;
}

export function fire(store: Store, due: DueTrigger): Promise<boolean> {
  return store.fireTrigger(
    due,
    due.groups.map((events) => ({ kind: "run", run: runOf(due, events) })),
  );
}

function idsOf(events: readonly PendingEvent[]): readonly string[] {
  return events.map(({ id }) => id);
}

export function runOf(
  { project, pipeline, name, versionHash, spec }: DueTrigger,
  events: readonly PendingEvent[],
): NewRun {
  const first = events[0]?.seq ?? 0;
  return {
    id: `${pipeline}-${name}-${first}`,
    ...{ project, pipeline, versionHash, trigger: "sensor", timezone: "UTC", ds: "2026-01-01", params: {} },
    interval: spanOf(spec.source, events),
    ...{ requestKey: `${name}-${first}`, actor: `trigger ${name}` },
  };
}
