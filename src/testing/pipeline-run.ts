import { formatDuration, parseDuration } from "../core/duration.ts";
import type { Failure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import type { RunState, TaskRunState } from "../core/state.ts";

/** What happened, as read from the store after the run has ended. */
export interface PipelineRunFacts {
  readonly pipeline: string;
  readonly state: RunState;
  readonly ds: string;
  readonly params: Json;
  readonly tasks: readonly TaskRunFacts[];
}

export interface TaskRunFacts {
  /** `load`, in a group `group.load`, of an item of a map `load[3]`. */
  readonly name: string;
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
   * `run.task("load", 3)` or `run.task("load[3]")`, and `run.task("load", 3, 7)` where maps nest. Throws when there is none.
   */
  task(name: string, ...items: readonly number[]): TaskRun {
    const whole = taskRunName(name, items.join("."));
    const task = this.facts.tasks.find((candidate) => candidate.name === whole);
    if (task === undefined) {
      const known = this.facts.tasks.map((candidate) => candidate.name).join(", ");
      throw new Error(`Pipeline ${this.facts.pipeline} has no task "${whole}". It has: ${known}.`);
    }
    return new TaskRun(task, this.facts);
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

/** One task of a run that has ended. */
export class TaskRun {
  readonly facts: TaskRunFacts;
  readonly #run: PipelineRunFacts;

  constructor(facts: TaskRunFacts, run: PipelineRunFacts) {
    this.facts = facts;
    this.#run = run;
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

function describe(run: PipelineRunFacts): string {
  const width = Math.max(...run.tasks.map((task) => task.name.length), 0);
  const lines = run.tasks.map((task) => {
    const attempts = task.attempts.length > 1 ? `, ${task.attempts.length} attempts` : "";
    const why = task.failure?.message ?? task.reason;
    return `  ${task.name.padEnd(width)}  ${task.state}${attempts}${why === undefined ? "" : `: ${why}`}`;
  });
  return [`${run.pipeline} ${run.ds}: ${run.state}`, ...lines].join("\n");
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
