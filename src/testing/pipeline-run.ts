import { formatDuration, parseDuration } from "../core/duration.ts";
import type { Failure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import type { RunState, TaskRunState } from "../core/state.ts";
import { stateOfMany } from "../core/state-of-many.ts";

/** What happened, as read from the store after the run has ended. */
export interface PipelineRunFacts {
  readonly pipeline: string;
  readonly state: RunState;
  readonly ds: string;
  readonly params: Json;
  /** In the order of the pipeline; of a mapped task, one for each item in the order of the items. */
  readonly tasks: readonly TaskRunFacts[];
  /** Where its cursors are, those that have been moved. */
  readonly cursors: Readonly<Record<string, Json>>;
}

export interface TaskRunFacts {
  /** `load`, in a group `group.load`, of an item of a map `load[3]`. */
  readonly name: string;
  /** The name without the item. */
  readonly task: string;
  /** Of a task run of a map: the indexes of its items, `"3"`, or `"3.7"` in a map within a map. */
  readonly mapKey: string;
  /** What its item is called. */
  readonly label?: string;
  readonly state: TaskRunState;
  readonly reason?: string;
  readonly failure?: Failure;
  /** What its dependants received; undefined when it gave no value. */
  readonly output: Json | undefined;
  readonly attempts: readonly AttemptFacts[];
  /** Lines of its log, all attempts, in order. */
  readonly log: readonly string[];
}

export interface AttemptFacts {
  readonly attempt: number;
  readonly outcome: string;
  /** Virtual milliseconds since the run was created. */
  readonly startedAfterMs: number;
  readonly durationMs: number;
  readonly failure?: Failure;
}

/**
 * A run that has ended. Assertions throw an error that shows the whole run, and return the object, so that they chain.
 *
 * @example
 * const run = await runPipeline(report, { date: "2024-01-02" });
 * run.succeeded();
 * run.task("extract_crm").succeeded().attempts(3).startedAfter("30s");
 */
export class PipelineRun {
  readonly facts: PipelineRunFacts;

  constructor(facts: PipelineRunFacts) {
    this.facts = facts;
  }

  get state(): RunState {
    return this.facts.state;
  }

  /**
   * A task by its name, a member of a group as `load.fetch`, and of a mapped task the task run of one item:
   * `run.task("load", 3)` or `run.task("load[3]")`, and `run.task("load", 3, 7)` where maps nest. A mapped task without
   * an index is all of its task runs as one. Throws when there is none.
   */
  task(name: string, ...items: readonly number[]): TaskRun {
    const { tasks, pipeline } = this.facts;
    const whole = taskRunName(name, items.join("."));
    const one = tasks.filter((candidate) => candidate.name === whole);
    const meant = one.length > 0 ? one : tasks.filter((candidate) => candidate.task === whole);
    if (meant.length > 0) return new TaskRun(meant, this.facts);
    const known = new Set(tasks.map(({ task, mapKey }) => (mapKey === "" ? task : `${task}[…]`)));
    throw new Error(`Pipeline ${pipeline} has no task "${whole}". It has: ${[...known].join(", ")}.`);
  }

  /** Where a cursor of the pipeline is after the run; undefined while nothing has moved it. */
  cursor(name: string): Json | undefined {
    return Object.hasOwn(this.facts.cursors, name) ? this.facts.cursors[name] : undefined;
  }

  succeeded(): this {
    return this.ended("success");
  }

  failed(): this {
    return this.ended("failed");
  }

  ended(state: RunState): this {
    expectThat(
      this.facts.state === state,
      `the run to end as ${state}, but it ended as ${this.facts.state}`,
      this.facts,
    );
    return this;
  }

  /** Compares the states of the tasks named here; tasks not named may be anything. */
  states(expected: Readonly<Record<string, TaskRunState>>): this {
    const wrong = Object.entries(expected).filter(([name, state]) => this.task(name).facts.state !== state);
    const said = wrong.map(([name, state]) => `${name} to be ${state} (is ${this.task(name).facts.state})`).join(", ");
    expectThat(wrong.length === 0, said, this.facts);
    return this;
  }

  toString(): string {
    return describe(this.facts);
  }
}

/** One task of a run that has ended; of a mapped task, all of its task runs as one, unless one was asked for. */
export class TaskRun {
  readonly facts: TaskRunFacts;
  readonly #all: readonly TaskRunFacts[];
  readonly #run: PipelineRunFacts;

  /** `all`: one, or those for all items of a map. */
  constructor(all: readonly TaskRunFacts[], run: PipelineRunFacts) {
    this.facts = factsOfAll(all);
    this.#all = all;
    this.#run = run;
  }

  /** Of a mapped task: the task runs for its items, in their order. */
  get items(): readonly TaskRun[] {
    return this.#all.filter(({ mapKey }) => mapKey !== "").map((facts) => new TaskRun([facts], this.#run));
  }

  /** How many task runs a mapped task had, or how many ended in each state: `mapped({ success: 2, failed: 1 })`. */
  mapped(expected: number | Readonly<Partial<Record<TaskRunState, number>>>): this {
    const found = countsOf(this.items);
    const same =
      typeof expected === "number" ? this.items.length === expected : canonical(found) === canonical(expected);
    const wanted = typeof expected === "number" ? `${expected} task runs` : canonical(expected);
    expectThat(same, `${this.facts.name} to be mapped to ${wanted}, but there are ${canonical(found)}`, this.#run);
    return this;
  }

  /** What its dependants received. */
  get output(): Json | undefined {
    return this.facts.output;
  }

  succeeded(): this {
    return this.is("success");
  }

  skipped(): this {
    return this.is("skipped");
  }

  /** Failed for good; `message` must be part of the failure's message. */
  failed(message?: string | RegExp): this {
    this.is("failed");
    if (message === undefined) return this;
    const said = this.facts.failure?.message ?? "";
    const fits = typeof message === "string" ? said.includes(message) : message.test(said);
    expectThat(fits, `${this.facts.name} to fail with ${String(message)}, but it said: ${said}`, this.#run);
    return this;
  }

  is(state: TaskRunState): this {
    expectThat(
      this.facts.state === state,
      `${this.facts.name} to be ${state}, but it is ${this.facts.state}`,
      this.#run,
    );
    return this;
  }

  attempts(count: number): this {
    const { length } = this.facts.attempts;
    expectThat(length === count, `${this.facts.name} to take ${count} attempts, but it took ${length}`, this.#run);
    return this;
  }

  returned(value: unknown): this {
    const same = canonical(this.facts.output) === canonical(value);
    expectThat(
      same,
      `${this.facts.name} to return ${canonical(value)}, but it returned ${canonical(this.facts.output)}`,
      this.#run,
    );
    return this;
  }

  /** Its last attempt started no sooner than this after the run was created. */
  startedAfter(duration: string | number): this {
    const started = this.facts.attempts.at(-1)?.startedAfterMs ?? Number.NaN;
    const said = `${this.facts.name} to start after ${String(duration)}, but it started after ${formatDuration(started)}`;
    expectThat(started >= parseDuration(duration), said, this.#run);
    return this;
  }

  /** Waits between the end of an attempt and the start of the next, in milliseconds of virtual time. */
  get backoffsMs(): readonly number[] {
    return this.facts.attempts.slice(1).map((attempt, index) => {
      const before = this.facts.attempts[index];
      return attempt.startedAfterMs - (before === undefined ? 0 : before.startedAfterMs + before.durationMs);
    });
  }

  logged(text: string | RegExp): this {
    const fits = this.facts.log.some((line) => (typeof text === "string" ? line.includes(text) : text.test(line)));
    expectThat(
      fits,
      `${this.facts.name} to log ${String(text)}, but it logged:\n${this.facts.log.join("\n")}`,
      this.#run,
    );
    return this;
  }
}

function expectThat(condition: boolean, expected: string, run: PipelineRunFacts): void {
  if (!condition) throw new Error(`Expected ${expected}.\n\n${describe(run)}`);
}

/** Task runs of maps that went well are left out, and so are those beyond what a person reads. */
function describe(run: PipelineRunFacts): string {
  const byName = [...Map.groupBy(run.tasks, ({ task }) => task).values()];
  const lines = byName.flatMap((all) => {
    const isMapped = all.some(({ mapKey }) => mapKey !== "");
    const odd = isMapped ? all.filter(({ state }) => state !== "success") : [];
    const more = odd.length > ITEMS_SHOWN_MAX ? [`… ${odd.length - ITEMS_SHOWN_MAX} more`] : [];
    return [
      lineOf(factsOfAll(all), isMapped ? all.length : undefined),
      ...odd.slice(0, ITEMS_SHOWN_MAX).map((one) => lineOf(one)),
      ...more,
    ];
  });
  return [`${run.pipeline} ${run.ds}: ${run.state}`, ...lines.map((line) => `  ${line}`)].join("\n");
}

const ITEMS_SHOWN_MAX = 20;

function lineOf({ name, label, state, attempts, failure, reason }: TaskRunFacts, items?: number): string {
  const called = label === undefined ? "" : ` ${label}`;
  const tries = attempts.length > 1 ? `, ${attempts.length} attempts` : "";
  const many = items === undefined ? "" : `, ${items} task runs`;
  const why = failure?.message ?? reason;
  return `${name}${called}  ${state}${many}${tries}${why === undefined ? "" : `: ${why}`}`;
}

function factsOfAll(all: readonly TaskRunFacts[]): TaskRunFacts {
  const [first, ...others] = all;
  if (first === undefined) throw new Error("There is no task run.");
  if (others.length === 0) return first;
  const failed = all.find(({ failure }) => failure !== undefined);
  return {
    name: first.task,
    task: first.task,
    mapKey: "",
    state: stateOfMany((state) => all.some((one) => one.state === state)),
    ...(failed?.failure === undefined ? {} : { failure: failed.failure }),
    output: all.map(({ output }) => output ?? null),
    attempts: all.flatMap(({ attempts }) => attempts),
    log: all.flatMap(({ log }) => log),
  };
}

function countsOf(items: readonly TaskRun[]): Readonly<Record<string, number>> {
  const byState = Map.groupBy(items, ({ facts }) => facts.state);
  return Object.fromEntries([...byState].map(([state, those]) => [state, those.length]));
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sorted(part) : part)) ?? "undefined";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1)));
}
