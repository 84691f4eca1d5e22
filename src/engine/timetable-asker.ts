import { BatutaError } from "../core/problem.ts";
import type { TickAnswer } from "../core/schedule/schedule-state.ts";
import type { SourceLocation } from "../core/source-location.ts";
import type { Executor } from "../execution/executor.ts";
import type { ScheduleStore, ScheduleToAsk } from "../store/schedule-store.ts";
import type { CompiledVersions } from "./compiled-versions.ts";
import type { Duty } from "./service.ts";

type Asked = Pick<ScheduleStore, "schedulesToAsk" | "answerSchedule">;

/** Asks the functions of schedules for their next ticks, each in a task process of its pipeline; the answer is data. */
export class TimetableAsker implements Duty {
  readonly name = "timetable-asker";
  readonly #store: Asked;
  readonly #versions: CompiledVersions;
  readonly #executor: Pick<Executor, "nextTicks">;
  readonly #pollMs: number;
  /** Woken when ticks are known. */
  onAnswered: () => void = () => {};

  constructor(store: Asked, versions: CompiledVersions, executor: Pick<Executor, "nextTicks">, pollMs: number) {
    this.#store = store;
    this.#versions = versions;
    this.#executor = executor;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const asked = await this.#store.schedulesToAsk();
    await Promise.all(asked.map((schedule) => this.#ask(schedule)));
    return this.#pollMs;
  }

  async #ask(asked: ScheduleToAsk): Promise<void> {
    if (await this.#store.answerSchedule(asked, await this.#answerTo(asked))) this.onAnswered();
  }

  /** What it throws is its own fault, and stops no other schedule. An outage of the store is nobody's. */
  async #answerTo(asked: ScheduleToAsk): Promise<TickAnswer | BatutaError> {
    try {
      return await this.#nextTicks(asked);
    } catch (error) {
      if (!(error instanceof BatutaError) || error.code === "store_unreachable") throw error;
      return error;
    }
  }

  async #nextTicks({ versionHash, pipeline, schedule, after, until }: ScheduleToAsk): Promise<TickAnswer> {
    const { name, graphHash, location } = await this.#versions.pipeline(versionHash, pipeline);
    const code = { versionHash, graphHash, pipelineFile: location.file, pipeline: name };
    try {
      return await this.#executor.nextTicks(code, { schedule, after, until });
    } catch (error) {
      throw error instanceof BatutaError && error.location === undefined ? placed(error, location) : error;
    }
  }
}

/** Where no line of the user's has thrown, the pipeline is the place to look. */
function placed({ code, message, hint }: BatutaError, location: SourceLocation): BatutaError {
  return new BatutaError(code, message, { location, ...(hint === undefined ? {} : { hint }) });
}
