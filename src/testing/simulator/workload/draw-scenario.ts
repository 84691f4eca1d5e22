import type { PipelineSpec } from "../../../core/manifest.ts";
import type { CallFaultRates } from "../faults/call-faults.ts";
import { CALL_FAULTS, SPELLS, type Spell } from "../faults/fault-classes.ts";
import { Dice } from "../world/dice.ts";
import { drawCalendarWorld } from "./draw-calendar-world.ts";
import { drawChildOperations, withChildren } from "./draw-children.ts";
import { drawCursorSettings, withCursors } from "./draw-cursors.ts";
import { withDeadlines } from "./draw-deadlines.ts";
import { drawEvents, hasEvents, withTriggers } from "./draw-events.ts";
import { drawFeaturedPipeline } from "./draw-featured-pipeline.ts";
import { drawLimitChanges } from "./draw-limit-changes.ts";
import { drawLimits } from "./draw-limits.ts";
import { drawOrder } from "./draw-order.ts";
import { drawHabits, drawPipeline } from "./draw-pipeline.ts";
import { withQuestions } from "./draw-questions.ts";
import { withSensors } from "./draw-sensors.ts";
import { withTimeLimits } from "./draw-time-limits.ts";
import type { ActionPlan, NodePlan, Scenario, SpellPlan } from "./scenario.ts";

const HOUR_MS = 3_600_000;
/** Of worlds that are about schedules, which take longer. */
const CALENDAR_CHANCE = 0.1;
const NODES_MAX = 4;
const LOST_CHANCE = 0.15;
const RUNS_MAX = 5;
/** A slow command that pauses must not come after the one that resumes. */
const PAUSE_MS_LEAST = 110_000;
/** Of a machine's clock against the world's: far worse than any quartz, and within what a lease's guard allows for. */
const DRIFT_MAX = 0.001;
const CALL_FAULT_RATE_LEAST = 0.001;
const CALL_FAULT_RATE_MOST = 0.1;
const SPELLS_PER_MINUTE_LEAST = 0.02;
const SPELLS_PER_MINUTE_MOST = 1;
const SPELLS_MAX = 30;

/** One world, by its seed alone. Swarm testing: each class of faults is on or off, and as frequent as it comes. */
export function drawScenario(seed: number): Scenario {
  const dice = new Dice(seed);
  if (dice.split("calendar").chance(CALENDAR_CHANCE)) return drawCalendarWorld(seed, dice.split("calendar world"));
  const queues = dice.pick([["default"], ["default", "other"]]);
  const chaosMs = dice.span(20_000, 400_000);
  const nodes = drawNodes(queues, dice.split("nodes"));
  const own = Array.from({ length: dice.int(1, 3) }, (_, index) =>
    drawOne(`pipeline_${index}`, queues, dice.split(`pipeline ${index}`)),
  );
  const drawn = withChildren(own, queues, dice.split("children"));
  const asked = drawn.map((one) => withQuestions(one, dice.split(`questions of ${one.name}`)));
  const timed = asked.map((one) => withTimeLimits(one, dice.split(`time limits of ${one.name}`)));
  const reading = timed.map((one) => withCursors(one, dice.split(`cursors of ${one.name}`)));
  const promised = reading.map((one) => withDeadlines(one, dice.split(`deadlines of ${one.name}`)));
  const { pipelines: limited, limits } = drawLimits(promised, dice.split("limits"));
  const sends = hasEvents(dice);
  const waiting = limited.map((one) => withSensors(one, sends, dice.split(`sensors of ${one.name}`)));
  const pipelines = sends ? withTriggers(waiting, dice.split("triggers")) : waiting;
  const actions = drawActions(pipelines, chaosMs, dice.split("actions"));
  const leaseMs = dice.pick([10_000, 15_000, 30_000]);
  return {
    seed,
    nodes,
    pipelines,
    limits,
    habits: drawAllHabits(pipelines, dice.split("habits")),
    actions: [
      ...actions,
      ...drawChildOperations(actions, pipelines, dice.split("child operations")),
      ...drawLimitChanges(limits, pipelines, chaosMs, dice.split("limit changes")),
      ...(sends ? drawEvents(chaosMs, dice.split("events")) : []),
      ...drawCursorSettings(pipelines, chaosMs, dice.split("cursor settings")),
    ],
    spells: drawSpells(nodes, { chaosMs, leaseMs }, dice.split("spells")),
    callFaults: drawCallFaults(dice.split("call faults")),
    survivors: dice.chance(0.5) ? dice.fraction() : 0,
    leaseMs,
    pollMs: dice.span(500, 10_000),
    databaseSkewMs: dice.chance(0.5) ? dice.int(-HOUR_MS, HOUR_MS) : 0,
    chaosMs,
  };
}

/** Plain graphs meet every rule; those with groups, branches and maps are what users write. */
function drawOne(name: string, queues: readonly string[], dice: Dice): PipelineSpec {
  if (dice.split("is plain").chance(0.5)) return drawPipeline(name, queues, dice);
  return drawFeaturedPipeline(name, { maps: dice.chance(0.5), groupRetries: dice.chance(0.4) }, dice);
}

/** The first serves every queue, so that everything has somebody to run it. */
function drawNodes(queues: readonly string[], dice: Dice): readonly NodePlan[] {
  return Array.from({ length: dice.int(1, NODES_MAX) }, (_, index) => {
    const own = dice.split(index);
    const host = own.chance(0.3) ? "host-0" : `host-${index}`;
    return {
      name: `node-${index}`,
      host,
      slots: own.pick([1, 2, 4, 16]),
      queues: index === 0 || own.chance(0.6) ? queues : [own.pick(queues)],
      skewMs: own.chance(0.5) ? own.int(-HOUR_MS, HOUR_MS) : 0,
      rate: own.chance(0.5) ? 1 + (2 * own.fraction() - 1) * DRIFT_MAX : 1,
      isLost: host !== "host-0" && own.split("lost").chance(LOST_CHANCE),
    };
  });
}

function drawAllHabits(pipelines: readonly PipelineSpec[], dice: Dice): Scenario["habits"] {
  return Object.fromEntries(
    pipelines.flatMap(({ name, tasks }) =>
      tasks.map((task) => [`${name}/${task.name}`, drawHabits(task, dice.split(`${name}/${task.name}`))]),
    ),
  );
}

function drawActions(pipelines: readonly PipelineSpec[], chaosMs: number, dice: Dice): readonly ActionPlan[] {
  return Array.from({ length: dice.int(1, RUNS_MAX) }, (_, index) => {
    const own = dice.split(index);
    const run = `run-${index}`;
    const pipeline = own.pick(pipelines);
    const atMs = own.chance(0.5) ? 0 : own.int(0, chaosMs);
    // What of a group belongs together is for the command line to know.
    const only =
      pipeline.groups === undefined && own.chance(0.1) ? { only: own.some([...pipeline.tasks.keys()], 0.6) } : {};
    const create: ActionPlan = {
      ...{ name: `create-${index}`, kind: "create", run, pipeline: pipeline.name, atMs },
      ...drawOrder(own.split("order")),
      ...only,
    };
    return [create, ...drawOperations(create, pipeline, own)];
  })
    .flat()
    .concat(drawPauses(pipelines, chaosMs, dice.split("pauses")));
}

/** How a person meddles with one run. */
function drawOperations({ run, atMs: afterMs }: ActionPlan, pipeline: PipelineSpec, dice: Dice): readonly ActionPlan[] {
  const count = dice.chance(0.5) ? 0 : dice.int(1, 4);
  return Array.from({ length: count }, (_, index) => {
    const own = dice.split(`operation ${index}`);
    const kind = own.pick(["cancel", "retry", "retry", "clear", "clear", "mark", "stop"] as const);
    const common = { name: `${kind}-${run}-${index}`, run, atMs: afterMs + own.span(10, 200_000) };
    return { ...common, ...drawOperation(kind, own.pick(pipeline.tasks).name, own) };
  });
}

type Operation = "cancel" | "retry" | "clear" | "mark" | "stop";

function drawOperation(kind: Operation, task: string, dice: Dice) {
  const maybeTask = dice.chance(0.7) ? { task } : {};
  switch (kind) {
    case "cancel":
      return { kind };
    case "retry":
      return { kind, which: dice.pick(["all", "failed"] as const) };
    case "clear":
      return { kind, task, upstream: dice.chance(0.3), downstream: dice.chance(0.6) };
    case "mark":
      return { kind, as: dice.pick(["success", "failed"] as const), ...maybeTask };
    case "stop":
      return { kind, how: dice.pick(["cancel", "kill"] as const), ...maybeTask };
  }
}

/** A pipeline that is paused goes on in the end. */
function drawPauses(pipelines: readonly PipelineSpec[], chaosMs: number, dice: Dice): readonly ActionPlan[] {
  return pipelines.flatMap(({ name }, index): readonly ActionPlan[] => {
    const own = dice.split(name);
    if (!own.chance(0.15)) return [];
    const atMs = own.int(0, chaosMs);
    const common = { run: "", pipeline: name };
    return [
      { ...common, kind: "pause", name: `pause-${index}`, atMs },
      { ...common, kind: "resume", name: `resume-${index}`, atMs: atMs + PAUSE_MS_LEAST + own.span(10, 100_000) },
    ];
  });
}

function drawCallFaults(dice: Dice): CallFaultRates {
  return Object.fromEntries(
    CALL_FAULTS.filter((fault) => dice.split(fault).chance(0.5)).map((fault) => [
      fault,
      dice.split(`rate of ${fault}`).logUniform(CALL_FAULT_RATE_LEAST, CALL_FAULT_RATE_MOST),
    ]),
  );
}

interface Spans {
  readonly chaosMs: number;
  readonly leaseMs: number;
}

function drawSpells(nodes: readonly NodePlan[], spans: Spans, dice: Dice): readonly SpellPlan[] {
  const kinds = SPELLS.filter((kind) => dice.split(kind).chance(0.5));
  return nodes.flatMap(({ name }) => kinds.flatMap((kind) => drawSpellsOf(kind, name, spans, dice.split(name))));
}

function drawSpellsOf(kind: Spell, node: string, { chaosMs, leaseMs }: Spans, of: Dice): readonly SpellPlan[] {
  const dice = of.split(kind);
  const perMs = dice.logUniform(SPELLS_PER_MINUTE_LEAST, SPELLS_PER_MINUTE_MOST) / 60_000;
  const spells: SpellPlan[] = [];
  for (let atMs = nextAfter(0, perMs, dice); atMs < chaosMs && spells.length < SPELLS_MAX; ) {
    spells.push({ kind, node, atMs: Math.round(atMs), ms: drawLength(kind, leaseMs, dice) });
    atMs = nextAfter(atMs, perMs, dice);
  }
  return spells;
}

/** Of events that come at random, `perMs` on average. */
function nextAfter(atMs: number, perMs: number, dice: Dice): number {
  return atMs - Math.log(1 - dice.fraction()) / perMs;
}

function drawLength(kind: Spell, leaseMs: number, dice: Dice): number {
  switch (kind) {
    case "crash":
      return dice.span(10, 600_000);
    case "shutdown":
      return dice.span(10, 60_000);
    case "pause":
      return dice.span(50, 5 * leaseMs);
    case "outage":
      // Short ones, and such that others take over meanwhile.
      return dice.chance(0.5) ? dice.span(100, 2 * leaseMs) : dice.int(2 * leaseMs, 6 * leaseMs);
    case "clock_jump":
      return dice.int(-HOUR_MS, HOUR_MS);
  }
}
