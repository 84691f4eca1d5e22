import type { DataInterval } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import { BatutaError } from "../core/problem.ts";
import { awaitedEvent } from "../core/sensors/awaited-event.ts";
import { intervalCover } from "../core/sensors/interval-cover.ts";
import { momentOf } from "../core/sensors/moment.ts";
import type { PollAnswer, PollOrder } from "../execution/executor.ts";
import type { Store } from "../store/store.ts";

/** Sensors that nobody has to look for: the store knows of the runs of other pipelines and of events, and its clock of the time. */
export class StoreSensors {
  readonly #store: Pick<Store, "runsMeeting" | "takeEvent">;

  constructor(store: Pick<Store, "runsMeeting" | "takeEvent">) {
    this.#store = store;
  }

  /** Throws what is wrong with its configuration. */
  async poll(poll: PollOrder): Promise<PollAnswer> {
    if (poll.sensor.kind === "until") return untilMoment(poll);
    if (poll.sensor.kind === "pipeline-done") return this.#pipelineDone(poll);
    if (poll.sensor.kind === "event") return this.#event(poll);
    throw new BatutaError("invalid_definition", `The store knows nothing of sensors of kind "${poll.sensor.kind}".`);
  }

  async #event({ order, config }: PollOrder): Promise<PollAnswer> {
    const { project, pipeline, runId: run, taskRunKey, generation, task } = order;
    const { name, filter } = awaitedEvent(config);
    const waiter = { run, taskRunKey, generation, task: { pipeline, name: task.name } };
    const found = await this.#store.takeEvent({ project, name, filter, ...waiter });
    if (found === undefined) return { kind: "not_yet", seen: "none that is not taken" };
    const json = JSON.stringify({ ...found, at: new Date(found.at).toISOString() });
    return { kind: "done", output: { kind: "inline", json } };
  }

  async #pipelineDone({ order, config }: PollOrder): Promise<PollAnswer> {
    const { pipeline, offsetMs } = pipelineConfig(config);
    const wanted = shifted(order.interval, offsetMs);
    const runs = await this.#store.runsMeeting({ project: order.project, pipeline }, wanted);
    const cover = intervalCover(wanted, runs);
    if (cover.kind === "not_yet") return { kind: "not_yet", seen: `${pipeline}: ${cover.seen}` };
    return { kind: "done", output: { kind: "inline", json: JSON.stringify({ pipeline, runs: cover.runs }) } };
  }
}

/** One poll to know the moment, and one when it has come. */
function untilMoment({ order, config, now }: PollOrder): PollAnswer {
  const moment = momentOf(config, order);
  const at = new Date(moment).toISOString();
  if (moment > now) return { kind: "not_yet", seen: `it will be ${at}`, againMs: moment - now };
  return { kind: "done", output: { kind: "inline", json: JSON.stringify(at) } };
}

function shifted({ start, end }: DataInterval, offsetMs: number): DataInterval {
  return { start: start + offsetMs, end: end + offsetMs };
}

function pipelineConfig(config: Json): { readonly pipeline: string; readonly offsetMs: number } {
  const { pipeline, offsetMs = 0 }: PipelineConfig = isRecord(config) ? config : {};
  if (typeof pipeline === "string" && typeof offsetMs === "number") return { pipeline, offsetMs };
  throw new BatutaError("invalid_definition", `${JSON.stringify(config)} names no pipeline to wait for.`);
}

function isRecord(config: Json): config is PipelineConfig {
  return typeof config === "object" && config !== null && !Array.isArray(config);
}

interface PipelineConfig {
  readonly [name: string]: Json | undefined;
}
