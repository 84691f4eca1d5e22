import type { PipelineSpec } from "../../../core/manifest.ts";
import { plainTask } from "../../../core/plain-task-for-tests.ts";
import { CALL_FAULTS, SPELLS } from "../faults/fault-classes.ts";
import type { Dice } from "../world/dice.ts";
import { WORLD_BEGAN_AT } from "../world/world.ts";
import { drawBackfills } from "./draw-backfills.ts";
import { drawCursorSettings, withCursors } from "./draw-cursors.ts";
import { drawSchedules, TRANSITIONS, type Transition } from "./draw-schedules.ts";
import {
  type ActionPlan,
  type DeployedVersion,
  type NodePlan,
  type Scenario,
  type SpellPlan,
  VERSION_HASH,
} from "./scenario.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LOCATION = { file: "pipelines/sim.ts", line: 1 };
const CALL_FAULT_RATE_MOST = 0.05;

/**
 * A world that lasts for days, about a change of clocks: schedules fire, are edited, paused and taken away, while
 * engines are gone for hours, wake-ups get lost and the clock of the database jumps.
 */
export function drawCalendarWorld(seed: number, dice: Dice): Scenario {
  const transition = dice.pick(TRANSITIONS);
  const chaosMs = dice.int(DAY_MS, 3 * DAY_MS);
  const pollMs = dice.span(8 * MINUTE_MS, 40 * MINUTE_MS);
  const leaseMs = dice.pick([HOUR_MS, 3 * HOUR_MS]);
  const nodes = drawNodes(dice.split("nodes"));
  const pipelines = Array.from({ length: dice.int(1, 3) }, (_, index) =>
    withCursors(
      drawPipeline(`pipeline_${index}`, transition, dice.split(`pipeline ${index}`)),
      dice.split(`cursors ${index}`),
    ),
  );
  const databaseSkewMs = transition.at - Math.round(chaosMs * dice.fraction()) - WORLD_BEGAN_AT;
  const versions = drawVersions(pipelines, transition, dice.split("versions"));
  return {
    seed,
    nodes,
    pipelines,
    versions,
    limits: {},
    habits: Object.fromEntries(pipelines.map(({ name }) => [`${name}/work`, drawHabits(dice.split(name))])),
    actions: [
      ...versions.map((version, index) => deployment(version, index, { chaosMs, dice })),
      ...drawBackfills(pipelines, { beginsAt: WORLD_BEGAN_AT + databaseSkewMs, chaosMs }, dice.split("backfills")),
      ...drawCursorSettings(pipelines, chaosMs, dice.split("cursor settings")),
      ...pipelines.flatMap(({ name }) => drawPauses(name, chaosMs, dice.split(`pauses of ${name}`))),
    ],
    spells: drawSpells(nodes, chaosMs, dice.split("spells")),
    mishaps: drawMishaps(chaosMs, dice.split("mishaps")),
    callFaults: Object.fromEntries(
      CALL_FAULTS.filter((fault) => dice.split(fault).chance(0.3)).map((fault) => [
        fault,
        dice.split(`rate of ${fault}`).logUniform(0.001, CALL_FAULT_RATE_MOST),
      ]),
    ),
    survivors: 0,
    leaseMs,
    pollMs,
    databaseSkewMs,
    chaosMs,
  };
}

function drawNodes(dice: Dice): readonly NodePlan[] {
  return Array.from({ length: dice.int(1, 2) }, (_, index) => ({
    ...{ name: `node-${index}`, host: `host-${index}`, slots: 8, queues: ["default"] },
    skewMs: dice.chance(0.5) ? dice.int(-HOUR_MS, HOUR_MS) : 0,
    rate: 1,
  }));
}

/** One task; retries would wait by a clock that jumps by a day. */
function drawPipeline(name: string, { timezone }: Transition, dice: Dice): PipelineSpec {
  return {
    ...{ name, location: LOCATION, tags: [], timezone: "UTC", graphHash: `graph of ${name}` },
    tasks: [plainTask("work", { location: LOCATION, lostLimit: 10 })],
    maxRuns: dice.pick([1, 4, 16]),
    ...drawSchedules(timezone, dice),
  };
}

/** The first comes with the beginning; each other one changes the schedules of some pipelines. */
function drawVersions(
  pipelines: readonly PipelineSpec[],
  { timezone }: Transition,
  dice: Dice,
): readonly DeployedVersion[] {
  const versions: DeployedVersion[] = [{ hash: VERSION_HASH, pipelines }];
  for (let index = 0; index < dice.int(0, 3); index++) {
    const own = dice.split(index);
    const before = versions.at(-1)?.pipelines ?? pipelines;
    const edited = before.map((one) => {
      const { schedules: _, ...rest } = one;
      return own.chance(0.5) ? { ...rest, ...drawSchedules(timezone, own.split(one.name)) } : one;
    });
    versions.push({ hash: `v${index + 2}`, pipelines: edited });
  }
  return versions;
}

function deployment(
  { hash }: DeployedVersion,
  index: number,
  { chaosMs, dice }: { readonly chaosMs: number; readonly dice: Dice },
): ActionPlan {
  const own = dice.split(`deployment ${index}`);
  return {
    kind: "deploy",
    name: `deploy-${index}`,
    run: "",
    version: hash,
    atMs: index === 0 ? 0 : own.int(0, chaosMs),
  };
}

function drawHabits(dice: Dice) {
  const most = dice.span(1_000, HOUR_MS);
  const endings = { success: 10, empty: 0, fail: 1, fatal: 0, skip: 0, exit: 0, hang: 0 };
  return { endings, leastMs: 100, mostMs: Math.max(most, 101), stubborn: 0 };
}

function drawPauses(pipeline: string, chaosMs: number, dice: Dice): readonly ActionPlan[] {
  if (!dice.chance(0.4)) return [];
  const atMs = dice.int(0, chaosMs);
  const common = { run: "", pipeline };
  return [
    { ...common, kind: "pause", name: `pause-${pipeline}`, atMs },
    { ...common, kind: "resume", name: `resume-${pipeline}`, atMs: atMs + dice.span(10 * MINUTE_MS, 30 * HOUR_MS) },
  ];
}

function drawSpells(nodes: readonly NodePlan[], chaosMs: number, dice: Dice): readonly SpellPlan[] {
  const kinds = SPELLS.filter((kind) => dice.split(kind).chance(0.5));
  // All at once are away, so that there is something to catch up with.
  const downAtMs = dice.int(0, chaosMs);
  const downMs = dice.span(HOUR_MS, 40 * HOUR_MS);
  const down = dice.chance(0.5)
    ? nodes.map(({ name }) => ({ kind: "crash", node: name, atMs: downAtMs, ms: downMs }) as const)
    : [];
  const single = nodes.flatMap(({ name }) =>
    kinds.flatMap((kind) =>
      Array.from({ length: dice.split(`${name} ${kind}`).int(0, 4) }, (_, index) => {
        const own = dice.split(`${name} ${kind} ${index}`);
        const ms = kind === "clock_jump" ? own.int(-HOUR_MS, HOUR_MS) : own.span(1_000, 8 * HOUR_MS);
        return { kind, node: name, atMs: own.int(0, chaosMs), ms };
      }),
    ),
  );
  return [...down, ...single];
}

function drawMishaps(chaosMs: number, dice: Dice): Scenario["mishaps"] {
  const jumps = dice.chance(0.4) ? dice.int(1, 3) : 0;
  const losses = dice.chance(0.5) ? dice.int(1, 4) : 0;
  return [
    ...Array.from({ length: jumps }, (_, index) => {
      const own = dice.split(`jump ${index}`);
      const ms = own.span(1_000, DAY_MS) * own.pick([1, -1]);
      return { kind: "database clock jumps", atMs: own.int(0, chaosMs), ms } as const;
    }),
    ...Array.from({ length: losses }, (_, index) => {
      return { kind: "wake-up lost", atMs: dice.split(`loss ${index}`).int(0, chaosMs), ms: 0 } as const;
    }),
  ];
}
