import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import { delayBefore } from "../../../core/retry-policy.ts";
import {
  canMove,
  canRunMove,
  isFinished,
  isRunFinished,
  type RunState,
  type TaskRunState,
} from "../../../core/state.ts";
import type { EventBody } from "../../../store/event-body.ts";
import type { Findings } from "../findings.ts";
import type { Verdict } from "../reference/rule-verdict.ts";
import type { AskedRun } from "./asked-run.ts";
import { type JudgedRow, statesOf } from "./rows-of-run.ts";
import { nameOf } from "./task-run-name.ts";

/** A task run as its events tell it. */
export interface FoldedTask {
  readonly spec: TaskSpec;
  readonly taskIndex: number;
  readonly mapKey: string;
  state: TaskRunState;
  generation: number;
  attempt: number;
  token: number;
  /** Replacements of lost attempts in this generation. */
  lost: number;
  dueAt: number;
  /** It was cancelled with its run, which has begun again without it. */
  wasLeftOut?: boolean;
  /** The state that a person put it in, as long as it stands. */
  byHand?: TaskRunState | undefined;
  /** How often it left a finished state. */
  epoch: number;
  /** Of its last move. */
  reason?: string | undefined;
  /** What its rule was last decided on: the epochs of its upstream. */
  basis?: string | undefined;
}

type TaskEvent = Extract<EventBody, { kind: "task_state" }>;
type RunEvent = Extract<EventBody, { kind: "run_state" }>;

/**
 * One run as its events tell it, folded in commit order. Each event is judged as it comes: it must be an edge of the
 * published state machine from where the fold stands, and the rules must have allowed it there.
 */
export class RunFold {
  readonly id: string;
  readonly spec: PipelineSpec;
  readonly asked: AskedRun;
  readonly #findings: Findings;
  /** In the transaction that is being folded. */
  #decided: (readonly [FoldedTask, TaskEvent])[] = [];
  readonly tasks = new Map<string, FoldedTask>();
  state: RunState | null = null;
  /** It was stopped since it was created or last run again, and why. */
  stopped: string | undefined;
  /** A person said how it ends. */
  wasEndedByHand = false;
  readonly deadLetters = { opened: 0, alerts: 0, replayed: 0, failures: 0 };

  constructor(id: string, spec: PipelineSpec, asked: AskedRun, findings: Findings) {
    this.id = id;
    this.spec = spec;
    this.asked = asked;
    this.#findings = findings;
    for (const taskIndex of asked.only ?? spec.tasks.keys()) {
      const task = spec.tasks[taskIndex];
      if (task !== undefined) this.tasks.set(nameOf({ taskIndex, mapKey: "" }), asCreated(task, taskIndex, ""));
    }
  }

  add(at: number, body: EventBody): void {
    if (body.kind === "run_state") this.#addRunEvent(body);
    if (body.kind === "task_state") this.#addTaskEvent(at, body);
    if (body.kind === "mapped") this.#addItems(body);
    if (body.kind === "alert_due") this.deadLetters.alerts += 1;
    if (body.kind === "dead_letter" && body.state === "open") this.deadLetters.opened += 1;
    if (body.kind === "dead_letter" && body.state === "replayed") this.deadLetters.replayed += 1;
  }

  /** Called after the last event of a transaction: what a cascade decides in it may be told in any order. */
  judgeDecisions(judged: ReadonlyMap<string, JudgedRow>): void {
    for (const [task, event] of this.#decided) this.#judgeDecision(task, event, judged.get(nameOf(task)));
    this.#decided = [];
  }

  /** Changes when something it was decided on has not ended any more, or has ended otherwise. */
  basisOf({ spec }: FoldedTask): string {
    const before = new Set(this.#before(spec));
    return [...this.tasks.values()]
      .filter(({ taskIndex }) => before.has(taskIndex))
      .map(({ epoch }) => epoch)
      .join();
  }

  /** What it was decided on; members of a mapped group go on only while the start of that may, so what that one waited for. */
  #before({ upstream, gates = [] }: TaskSpec): readonly number[] {
    const starts = gates.filter((gate) =>
      this.spec.groups?.some(({ start, map }) => start === gate && map !== undefined),
    );
    const further = starts.flatMap((start) => this.spec.tasks[start] ?? []).flatMap((task) => this.#before(task));
    return [...upstream, ...gates, ...further];
  }

  /** A map has become one task run for each item. */
  #addItems({ taskIndex, mapKey, from, to, begin }: Extract<EventBody, { kind: "mapped" }>): void {
    const spec = this.spec.tasks[taskIndex];
    for (let item = from; item < to && spec !== undefined; item++) {
      const path = mapKey === "" ? String(item) : `${mapKey}.${item}`;
      const task: FoldedTask = { ...asCreated(spec, taskIndex, path), state: begin };
      this.#expect(!this.tasks.has(nameOf(task)), "I15", () => `${spec.name}[${path}] is made twice`);
      this.tasks.set(nameOf(task), task);
      task.basis = this.basisOf(task);
    }
  }

  #addRunEvent({ from, to, actor, reason }: RunEvent): void {
    const isEdge = from === this.state && (from === null ? to === "queued" : canRunMove(from, to));
    this.#expect(isEdge, "I08", () => `run moves from ${from} to ${to}, but is ${this.state}`);
    if (isRunFinished(to)) {
      const open = [...this.tasks.values()].filter(({ state }) => !isFinished(state));
      this.#expect(open.length === 0, "I12", () => `it ends as ${to} while ${open.map(said).join(", ")}`);
    }
    const isStop = to === "cancelling" || to === "cancelled" || STOPPED_BY_RULE.includes(reason ?? "");
    if (isStop) this.stopped ??= reason ?? "";
    // It runs again by hand, at once or in its turn.
    if (from !== null && isRunFinished(from) && !isRunFinished(to)) this.#beginAgain();
    this.wasEndedByHand = isRunFinished(to) && actor !== undefined && to !== "cancelled";
    this.state = to;
  }

  #beginAgain(): void {
    this.stopped = undefined;
    for (const task of this.tasks.values()) task.wasLeftOut = task.state === "cancelled";
  }

  #addTaskEvent(at: number, event: TaskEvent): void {
    const task = this.tasks.get(nameOf(event));
    if (task === undefined) {
      this.#findings.add("I08", `${this.id}: an event of no task run: ${JSON.stringify(event)}`);
      return;
    }
    const { from, to } = event;
    this.#expect(
      from === task.state && canMove(from, to),
      "I08",
      () => `${task.spec.name} moves from ${from} to ${to}, but is ${task.state}`,
    );
    this.#expect(
      this.state !== null && (!isRunFinished(this.state) || event.actor !== undefined),
      "I12",
      () => `${task.spec.name} moves to ${to} though the run is ${this.state}`,
    );
    if (isFinished(from)) this.#judgeReopening(task, event);
    else this.#judgeIdentity(task, event);
    // The past lets go what its rule has let through before.
    const isLetGo = from === "deferred" && to === "queued" && task.reason === "past";
    if (from === "scheduled" || isLetGo) this.#decided.push([task, event]);
    if (to === "running") this.#judgeClaim(task);
    if (from === "retrying" && to === "queued" && event.reason !== "lost") {
      this.#expect(at >= task.dueAt, "I31", () => `${task.spec.name} is retried at ${at}, before ${task.dueAt}`);
    }
    if (to === "failed" && !task.spec.allowFailure) this.deadLetters.failures += 1;
    this.#take(at, task, event);
  }

  /** I07: what has ended begins again by a person alone, in a new generation, or is marked by one. */
  #judgeReopening(task: FoldedTask, { to, actor, generation, attempt, token, reason }: TaskEvent): void {
    const isClear = to === "scheduled" && generation === task.generation + 1 && attempt === 0;
    const isMark = (to === "success" || to === "failed") && generation === task.generation + 1 && attempt === 0;
    // A group that is tried again, and items of a map that is expanded again, begin anew by rule.
    const isByRule = reason === "group_retry" || task.mapKey !== "";
    const isRemoved = to === "removed" && generation === task.generation;
    this.#expect(
      ((actor !== undefined || isByRule) && (isClear || isMark) && token === task.token) || isRemoved,
      "I07",
      () => `${said(task)} moves to ${to} by ${actor ?? "nobody"}, generation ${task.generation} to ${generation}`,
    );
    task.epoch += 1;
  }

  /** I02, I05: a claim adds one to attempt and token; nothing else touches them. */
  #judgeIdentity(task: FoldedTask, { to, generation, attempt, token }: TaskEvent): void {
    const claim = to === "running" ? 1 : 0;
    this.#expect(
      generation === task.generation && attempt === task.attempt + claim && token === task.token + claim,
      "I05",
      () =>
        `${said(task)}: generation ${task.generation} to ${generation}, attempt ${task.attempt} to ${attempt}, token ${task.token} to ${token} with ${to}`,
    );
  }

  /** I10, I11: gates and rule, asked anew, say the same. A person may end it at any time. */
  #judgeDecision(task: FoldedTask, event: TaskEvent, judged: JudgedRow | undefined): void {
    const { to, actor, reason } = event;
    if (actor !== undefined || judged === undefined || to === "removed") return;
    // Begun anew in the same transaction: what it was decided on is no more.
    if (event.generation !== task.generation) return;
    task.basis = this.basisOf(task);
    if (RULES_OF_THE_RUN.includes(reason ?? "")) return;
    const { verdict, counts } = judged;
    this.#expect(
      statesAfter(task.spec, verdict, statesOf(counts)).includes(to),
      to === "queued" ? "I10" : "I11",
      () =>
        `${task.spec.name}[${task.mapKey}] moves to ${to}, but ${task.spec.when} over ${statesOf(counts).join(", ")}, gates ${counts.shut ?? counts.gates} says ${verdict}`,
    );
  }

  /** I05, I30: no more attempts than the policy allows, and none once the run is being cancelled. */
  #judgeClaim(task: FoldedTask): void {
    const used = task.attempt + 1 - task.lost;
    const { retries, name, lostLimit } = task.spec;
    this.#expect(used <= retries.limit + 1, "I05", () => `${name} begins its attempt ${used} of ${retries.limit + 1}`);
    this.#expect(task.lost <= lostLimit, "I05", () => `${name} is replaced ${task.lost} times, of ${lostLimit}`);
    const mayStart = this.state === "running" || (this.state === "cancelling" && task.spec.role === "teardown");
    this.#expect(mayStart, "I30", () => `${name} is claimed while its run is ${this.state}`);
  }

  #take(at: number, task: FoldedTask, event: TaskEvent): void {
    const { from, to, generation, attempt, token, reason, dueAt, actor } = event;
    task.byHand = actor !== undefined && isFinished(to) ? to : undefined;
    task.wasLeftOut = false;
    if (generation !== task.generation) task.lost = 0;
    if (from === "retrying" && to === "queued" && reason === "lost") task.lost += 1;
    if (to === "retrying" && reason !== "lost" && reason !== "group_retry") this.#judgeBackOff(at, task, dueAt);
    if (to === "retrying")
      this.#expect(!NEVER_RETRIED.includes(reason ?? ""), "RT-3", () => `${task.spec.name} is retried after ${reason}`);
    Object.assign(task, { state: to, generation, attempt, token, dueAt: dueAt ?? task.dueAt, reason });
  }

  /** I31: end + back-off, with jitter within its bounds. */
  #judgeBackOff(at: number, task: FoldedTask, dueAt: number | undefined): void {
    const { retries, name } = task.spec;
    const used = task.attempt - task.lost;
    const least = Math.floor(delayBefore(retries, used));
    const most = Math.ceil(delayBefore(retries, used) * (1 + retries.jitter)) + 1;
    const waits = (dueAt ?? Number.NaN) - at;
    this.#expect(waits >= least && waits <= most, "I31", () => `${name} waits ${waits} ms, not ${least} to ${most}`);
    this.#expect(
      used <= retries.limit,
      "I31",
      () => `${name} is retried after attempt ${used} of ${retries.limit + 1}`,
    );
  }

  #expect(holds: boolean, rule: string, message: () => string): void {
    this.#findings.expect(holds, rule, () => `${this.id}: ${message()}`);
  }
}

const NEVER_RETRIED: readonly string[] = ["fatal", "invalid_output", "cannot_start", "cancelled"];

/** RS-4, RS-5: with nothing that runs it ends at once. */
const STOPPED_BY_RULE: readonly string[] = ["timeout", "fail_fast"];

/** Reasons for which a run ends what has not started, whatever its upstream says. */
const RULES_OF_THE_RUN: readonly string[] = [
  "stalled",
  "timeout",
  "fail_fast",
  "cleanup_timeout",
  "group_retry",
  "empty_map",
];

/** What a verdict may make of a scheduled task run. */
export function statesAfter(spec: TaskSpec, verdict: Verdict, upstream: readonly string[]): readonly string[] {
  if (verdict === "skip") return ["skipped"];
  if (verdict === "upstream_failed") return ["upstream_failed"];
  if (verdict === "wait") return [];
  const begins = spec.execution.via === "sensor" ? "deferred" : "queued";
  if (spec.map !== undefined) return [begins, "queued", "success", "skipped", "failed"];
  if (begins === "deferred") return [begins];
  if (spec.execution.via !== "none") return spec.dependsOnPast ? ["queued", "deferred"] : ["queued"];
  // The start of a mapped group may find nothing to map, or what is no list.
  if (spec.execution.as === "gate") return ["success", "queued", "skipped", "failed"];
  if (upstream.length === 0) return ["success"];
  if (upstream.includes("failed") || upstream.includes("upstream_failed")) return ["upstream_failed"];
  return upstream.every((state) => state === "skipped") ? ["skipped"] : ["success"];
}

function asCreated(spec: TaskSpec, taskIndex: number, mapKey: string): FoldedTask {
  const identity = { spec, taskIndex, mapKey };
  return { ...identity, state: "scheduled", generation: 1, attempt: 0, token: 0, lost: 0, dueAt: 0, epoch: 0 };
}

function said({ spec, state }: FoldedTask): string {
  return `${spec.name} is ${state}`;
}
