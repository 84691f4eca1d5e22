import type { AttemptServices } from "../attempt-services.ts";
import { connectionsOf } from "../connections.ts";
import type { FilesAnswer, PollAnswer, PollOrder, WantedFiles } from "../executor.ts";
import { needsPreparation, preparedOrder } from "../prepared-order.ts";
import { attemptFolder } from "../temp-folders.ts";
import type { FunctionPolls } from "./function-polls.ts";
import type { HostPolls } from "./host-polls.ts";

export type SensorServices = Pick<AttemptServices, "connection" | "temp" | "files" | "blobs" | "lists">;

/** Looks for what sensors wait for: in the sensor host, or by the code of their pipeline. */
export class SensorPolls {
  readonly #services: SensorServices;
  readonly #host: HostPolls;
  readonly #functions: FunctionPolls;

  constructor(services: SensorServices, host: HostPolls, functions: FunctionPolls) {
    this.#services = services;
    this.#host = host;
    this.#functions = functions;
  }

  /** Never rejects: whatever goes wrong here is an answer. */
  async poll(poll: PollOrder): Promise<PollAnswer> {
    try {
      const connections = connectionsOf(poll.order.task, this.#services.connection);
      if (!connections.ok) return { kind: "error", failure: connections.failure };
      if (poll.sensor.by === "host") return await this.#host.poll(poll, connections.settings);
      if (!needsPreparation(poll.order)) return await this.#functions.poll(poll, connections.settings);
      return await this.#prepared(poll, connections.settings);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { kind: "error", failure: { reason: "error", message: `The poll could not be made: ${message}` } };
    }
  }

  findFiles(wanted: WantedFiles): Promise<FilesAnswer> {
    return this.#host.search(wanted);
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  async #prepared(poll: PollOrder, connections: Readonly<Record<string, string>>): Promise<PollAnswer> {
    const { temp, files, blobs, lists } = this.#services;
    try {
      const folder = attemptFolder(temp.sessionDir, poll.order);
      const order = await preparedOrder(poll.order, { folder, files, blobs, lists });
      return await this.#functions.poll({ ...poll, order }, connections);
    } finally {
      temp.remove(poll.order);
    }
  }
}
