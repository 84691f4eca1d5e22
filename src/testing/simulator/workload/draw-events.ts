import type { PipelineSpec } from "../../../core/manifest.ts";
import type { EventCondition, EventFilter } from "../../../core/trigger/event-filter.ts";
import { SIGNAL_TTL_MS } from "../../../core/trigger/signal.ts";
import type { Debounce, TriggerSpec } from "../../../core/trigger/trigger-spec.ts";
import type { Dice } from "../world/dice.ts";
import type { ActionPlan, EventPlan } from "./scenario.ts";

const WORLDS = 0.2;
const PIPELINES = 0.6;
const TRIGGERS_MAX = 2;
const EVENTS_MAX = 12;
const NAMES = ["arrived", "left"] as const;
const CUSTOMERS = ["acme", "bolt"] as const;
const KEYS = ["north", "south"] as const;
const REGIONS = ["eu", "us"] as const;
const SIZE_MOST = 9;
const TIME_MS_LEAST = 500;
const TIME_MS_MOST = 60_000;
const SHORT_TTL_MS_LEAST = 5_000;
const SHORT_TTL_MS_MOST = 120_000;

/** In some worlds events are sent, which start runs, and for which tasks wait. */
export function hasEvents(dice: Dice): boolean {
  return dice.split("has events").chance(WORLDS);
}

/** Events start runs of it; of one at least. */
export function withTriggers(pipelines: readonly PipelineSpec[], dice: Dice): readonly PipelineSpec[] {
  return pipelines.map((pipeline, index) => {
    const own = dice.split(pipeline.name);
    if (index > 0 && !own.chance(PIPELINES)) return pipeline;
    const triggers = Array.from({ length: own.int(1, TRIGGERS_MAX) }, (_, at) =>
      drawTrigger(`trigger_${at}`, pipeline, own.split(at)),
    );
    return { ...pipeline, triggers };
  });
}

function drawTrigger(name: string, { location }: PipelineSpec, dice: Dice): TriggerSpec {
  return {
    name,
    location,
    source: { kind: "event", event: dice.pick(NAMES), filter: drawFilter(dice.split("filter")) },
    ...(dice.chance(0.4) ? { debounce: drawDebounce(dice.split("debounce")) } : {}),
    ...(dice.chance(0.4) ? { batch: { everyMs: drawTime(dice.split("batch")), max: dice.pick([1, 2, 1_000]) } } : {}),
    ...(dice.chance(0.5)
      ? { params: { customer: "{{ event.customer }}" }, hasTemplates: true as const }
      : { params: { customer: "acme" } }),
  };
}

function drawDebounce(dice: Dice): Debounce {
  const quietMs = drawTime(dice);
  return { quietMs, maxWaitMs: quietMs * dice.pick([1, 3, 10]) };
}

function drawTime(dice: Dice): number {
  return dice.span(TIME_MS_LEAST, TIME_MS_MOST);
}

/** What a task waits for, of what is sent. */
export function drawAwaited(dice: Dice) {
  const { key, where } = drawFilter(dice);
  return { name: dice.pick(NAMES), ...(key === undefined ? {} : { key }), where: where.map((one) => ({ ...one })) };
}

function drawFilter(dice: Dice): EventFilter {
  const conditions: readonly EventCondition[] = [
    { path: "region", is: dice.pick(["eq", "ne"]), value: dice.pick(REGIONS) },
    { path: "size", is: dice.pick(["gt", "gte", "lt", "lte"]), value: dice.int(0, SIZE_MOST) },
    { path: "size", is: "in", value: [0, 2, 4, 6, 8] },
    { path: "urgent", is: "exists", value: dice.chance(0.5) },
  ];
  return {
    ...(dice.chance(0.3) ? { key: dice.pick(KEYS) } : {}),
    where: dice.chance(0.5) ? [] : dice.some(conditions, 0.3),
  };
}

/** Some come in a burst, some are sent twice, and of some the time is over soon. */
export function drawEvents(chaosMs: number, dice: Dice): readonly ActionPlan[] {
  const burstMs = dice.int(0, chaosMs);
  const count = dice.int(1, EVENTS_MAX);
  return Array.from({ length: count }, (_, index) => {
    const own = dice.split(index);
    const atMs = own.chance(0.5) ? burstMs + own.int(0, 2_000) : own.int(0, chaosMs);
    const twin = own.chance(0.15) ? own.int(0, index) : index;
    return { kind: "emit", name: `emit-${index}`, run: "", atMs, event: drawEvent(`event-${twin}`, own) };
  });
}

function drawEvent(id: string, dice: Dice): EventPlan {
  const isShort = dice.chance(0.2);
  return {
    id,
    name: dice.pick(NAMES),
    ...(dice.chance(0.7) ? { key: dice.pick(KEYS) } : {}),
    payload: {
      region: dice.pick(REGIONS),
      size: dice.int(0, SIZE_MOST),
      customer: dice.pick(CUSTOMERS),
      ...(dice.chance(0.2) ? { urgent: true } : {}),
    },
    ttlMs: isShort ? dice.span(SHORT_TTL_MS_LEAST, SHORT_TTL_MS_MOST) : SIGNAL_TTL_MS,
  };
}
