import type { AttemptOrder, AttemptReport } from "../../../execution/executor.ts";
import type { EventBody } from "../../../store/event-body.ts";
import type { Findings } from "../findings.ts";
import type { Probes } from "../probes.ts";
import { ASKING_FAILED } from "../workload/behaviour.ts";
import type { RunFold } from "./run-fold.ts";

type TaskEvent = Extract<EventBody, { kind: "task_state" }>;

/**
 * What tasks are asked before they work: none works unasked, none is asked again once it has worked, and a result that
 * is taken from the cache is that of a success with the same key.
 */
export class QuestionWatch {
  readonly #findings: Findings;
  readonly #probes: Probes;
  /** Generations of task runs of which an attempt has come to an end by its own work. */
  readonly #worked = new Set<string>();
  /** Attempts that were asked. */
  readonly #asked = new Set<string>();
  /** Of attempts: what their key functions said. */
  readonly #keys = new Map<string, string>();
  /** By pipeline and task. */
  readonly #successes = new Map<string, readonly Success[]>();

  constructor(findings: Findings, probes: Probes) {
    this.#findings = findings;
    this.#probes = probes;
  }

  /** SK-3, RT-7. */
  started(order: AttemptOrder): void {
    const { task, askFirst } = order;
    const name = attemptName(order.runId, order);
    const hasWorked = this.#worked.has(generationName(order.runId, order));
    if (askFirst) this.#asked.add(name);
    if (order.askOnly || (task.hasRunIf === undefined && !task.hasDoneWhen)) return;
    this.#findings.expect(
      hasWorked !== (askFirst || this.#asked.has(name)),
      "RT-7",
      () => `${name} is ${askFirst ? "asked after it has worked" : "begun without being asked"}`,
    );
  }

  reported(order: AttemptOrder, { result }: AttemptReport): void {
    // Of other keys nothing was asked, whether `runIf` and `doneWhen` were or not.
    if (result.kind !== "asked" || order.task.cache?.key !== "function") return;
    this.#keys.set(attemptName(order.runId, order), JSON.stringify(result.cacheKey ?? null));
  }

  saw(fold: RunFold, at: number, body: EventBody): void {
    if (body.kind !== "task_state" || body.from !== "running") return;
    const { to, reason = "", message } = body;
    const task = fold.spec.tasks[body.taskIndex];
    if (task === undefined || body.actor !== undefined) return;
    const order = { ...body, task };
    if (to === "retrying" && reason !== "lost" && message !== ASKING_FAILED)
      this.#worked.add(generationName(fold.id, order));
    if (reason === "run_if" || reason === "done_when") this.#probes.reached(reason);
    if (to !== "success" || task.cache === undefined) return;
    const name = `${fold.spec.name}/${task.name}`;
    if (reason.startsWith("cache: ")) this.#judgeHit(fold, at, { body, name, ttlMs: task.cache.ttlMs });
    else if (reason === "") {
      const known = this.#successes.get(name) ?? [];
      this.#successes.set(name, [...known, { runId: fold.id, at, key: this.#keys.get(attemptName(fold.id, order)) }]);
    }
  }

  #judgeHit(fold: RunFold, at: number, { body, name, ttlMs = Number.POSITIVE_INFINITY }: Hit): void {
    this.#probes.reached("result taken from the cache");
    const [, runId, time = ""] = (body.reason ?? "").split(" ");
    const madeAt = Date.parse(time);
    const task = fold.spec.tasks[body.taskIndex];
    const key = task === undefined ? undefined : this.#keys.get(attemptName(fold.id, { ...body, task }));
    const origins = (this.#successes.get(name) ?? []).filter((one) => one.runId === runId && one.at === madeAt);
    const said = () => `${fold.id}: ${name}[${body.mapKey}], said to be of ${runId} at ${time}`;
    this.#findings.expect(origins.length > 0, "I16", () => `no success gave what was taken for ${said()}`);
    this.#findings.expect(
      origins.length === 0 || origins.some((one) => one.key === key),
      "I16",
      () => `another key, ${origins[0]?.key}, stands where ${key} was asked for ${said()}`,
    );
    this.#findings.expect(at - madeAt <= ttlMs + ASKED_BEFORE_MS, "I16", () => `it was too old for ${said()}`);
    this.#findings.expect(body.generation === 1, "I16", () => `it was cleared and not made anew: ${said()}`);
  }
}

/** The answer may be long on its way once it was found. */
const ASKED_BEFORE_MS = 600_000;

interface Success {
  readonly runId: string;
  readonly at: number;
  readonly key: string | undefined;
}

interface Hit {
  readonly body: TaskEvent;
  readonly name: string;
  readonly ttlMs: number | undefined;
}

type Attempt = Pick<AttemptOrder, "mapKey" | "generation" | "token"> & { readonly task: { readonly name: string } };

function generationName(runId: string, { task, mapKey, generation }: Attempt): string {
  return `${runId} ${task.name}[${mapKey}] generation ${generation}`;
}

function attemptName(runId: string, { task, mapKey, token }: Attempt): string {
  return `${runId} ${task.name}[${mapKey}] token ${token}`;
}
