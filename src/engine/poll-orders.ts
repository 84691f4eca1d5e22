import type { Instant } from "../core/instant.ts";
import { BatutaError } from "../core/problem.ts";
import { renderParams } from "../core/render-params.ts";
import type { AttemptOrder, PollOrder } from "../execution/executor.ts";
import type { RunId } from "../store/store.ts";
import type { Poll } from "../store/watch-records.ts";
import type { AttemptOrders } from "./attempt-orders.ts";
import { orderScope } from "./order-scope.ts";

/** Turns polls into orders: what an attempt of the task would be told, and what the sensor is configured with. */
export class PollOrders {
  readonly #orders: Pick<AttemptOrders, "ofRun">;

  constructor(orders: Pick<AttemptOrders, "ofRun">) {
    this.#orders = orders;
  }

  /** Orders for polls of one run, in their order; an error in place of one that cannot be written. */
  async ofRun(runId: RunId, polls: readonly Poll[], now: Instant): Promise<readonly (PollOrder | BatutaError)[]> {
    const orders = await this.#orders.ofRun(
      runId,
      polls.map((poll) => ({ ...poll, attempt: 0, lost: 0 })),
    );
    return polls.map((poll, index) => {
      const order = orders[index];
      return order === undefined || order instanceof BatutaError ? (order ?? gone(poll)) : pollOrder(order, poll, now);
    });
  }
}

function pollOrder(order: AttemptOrder, { memory, polls }: Poll, now: Instant): PollOrder | BatutaError {
  const { execution, name } = order.task;
  if (execution.via !== "sensor") return new BatutaError("internal", `Task "${name}" watches and is no sensor.`);
  try {
    const config = renderParams(execution.sensor.config, orderScope(order));
    const facts = { sensor: execution.sensor, config, number: polls + 1, now };
    return { order, ...facts, ...(memory === undefined ? {} : { memory }) };
  } catch (error) {
    if (error instanceof BatutaError) return error;
    throw error;
  }
}

function gone({ runId, taskIndex }: Poll): BatutaError {
  return new BatutaError("not_found", `Run ${runId} has no task ${taskIndex}.`);
}
