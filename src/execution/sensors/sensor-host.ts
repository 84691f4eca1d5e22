import { parseJson } from "../../core/serialize-value.ts";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { parentChannel } from "../../ports/parent-channel.ts";
import { type BlobStore, localBlobs } from "../blobs.ts";
import type { PollAnswer } from "../executor.ts";
import { encodeFrame, FRAME_KINDS, FrameReader } from "../pool/frames.ts";
import type { FromHost, HostedSensors, HostLoad, HostPoll, HostSearch, ToHost } from "./host-messages.ts";
import { lookForFiles } from "./look-for-files.ts";
import { takePoll } from "./take-poll.ts";

/**
 * The sensor host: looks for what ready-made sensors wait for, hundreds at the same time. It loads no code of the user,
 * and everything it is told is data.
 */
class SensorHost {
  #load: HostLoad | undefined;
  #sensors: Promise<HostedSensors> | undefined;

  start(): void {
    const reader = new FrameReader((_kind, payload) =>
      this.#receive(parseJson(payload.toString()) as unknown as ToHost),
    );
    parentChannel.listen(
      (chunk) => reader.push(chunk),
      () => process.exit(0),
    );
  }

  #receive(message: ToHost): void {
    if (message.kind === "poll") void this.#poll(message);
    else if (message.kind === "search") void this.#search(message);
    else {
      this.#load = message;
      this.#sensors = import(message.module).then(
        ({ hostedSensors }: { hostedSensors: HostedSensors }) => hostedSensors,
      );
      // Each poll tells of it.
      this.#sensors.catch(() => undefined);
    }
  }

  async #poll({ id, sensor, config, memory, now, connections, timeoutMs, labelPaths }: HostPoll): Promise<void> {
    const controller = new AbortController();
    const { projectDir, blobsDir } = this.#loaded();
    const look = async (): Promise<unknown> => {
      const found = (await this.#sensors)?.[sensor];
      if (found === undefined) throw new Error(`The sensor host knows no kind "${sensor}".`);
      return found({ config, memory, now: new Date(now), connections, projectDir, signal: controller.signal });
    };
    const { answer } = await takePoll({
      look,
      abort: (reason) => controller.abort(new Error(reason)),
      timeoutMs,
      clock: systemClock,
      keep: { blobs: this.#blobs(blobsDir), labelPaths },
      rootDir: projectDir,
    });
    this.#answer({ id, answer: withoutStack(answer) });
  }

  async #search({ id, wanted }: HostSearch): Promise<void> {
    const { projectDir } = this.#loaded();
    this.#answer({ id, answer: await lookForFiles(wanted, { projectDir, clock: systemClock }) });
  }

  #loaded(): HostLoad {
    if (this.#load === undefined) throw new Error("A sensor host was given work before its module.");
    return this.#load;
  }

  #blobs(folder: string): BlobStore {
    return localBlobs(folder, localFiles);
  }

  #answer(message: FromHost): void {
    parentChannel.write(encodeFrame(FRAME_KINDS.message, JSON.stringify(message)));
  }
}

/** Of Batuta's own code, which tells a user nothing. */
function withoutStack(answer: PollAnswer): PollAnswer {
  if (answer.kind !== "error" && answer.kind !== "failed") return answer;
  const { stack: _stack, location: _location, ...failure } = answer.failure;
  return { ...answer, failure };
}

new SensorHost().start();
