import type { AttemptServices } from "./attempt-services.ts";
import type { AttemptOrder, AttemptReport, StopManner } from "./executor.ts";
import { preparedOrder } from "./prepared-order.ts";
import { attemptFolder } from "./temp-folders.ts";

interface Attempt {
  run(): Promise<AttemptReport>;
  stop(how?: StopManner): void;
}

/** An attempt whose order is prepared first, which takes its time. */
export class PreparedAttempt implements Attempt {
  readonly #order: AttemptOrder;
  readonly #services: AttemptServices;
  readonly #begin: (order: AttemptOrder) => Attempt;
  #attempt: Attempt | undefined;
  #isStopped = false;

  constructor(order: AttemptOrder, services: AttemptServices, begin: (order: AttemptOrder) => Attempt) {
    this.#order = order;
    this.#services = services;
    this.#begin = begin;
  }

  async run(): Promise<AttemptReport> {
    const { temp, files, blobs, lists } = this.#services;
    try {
      const folder = attemptFolder(temp.sessionDir, this.#order);
      const order = await preparedOrder(this.#order, { folder, files, blobs, lists });
      if (this.#isStopped) return STOPPED;
      this.#attempt = this.#begin(order);
      return await this.#attempt.run();
    } finally {
      temp.remove(this.#order);
    }
  }

  stop(how?: StopManner): void {
    this.#isStopped = true;
    this.#attempt?.stop(how);
  }
}

const STOPPED: AttemptReport = {
  result: { kind: "cancelled", failure: { reason: "cancelled", message: "The attempt was stopped." } },
};
