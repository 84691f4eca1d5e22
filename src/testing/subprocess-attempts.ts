import { basename, dirname, join } from "node:path";
import type { StoredValue } from "../core/value.ts";
import type { BlobStore } from "../execution/blobs.ts";
import { localBlobs } from "../execution/blobs.ts";
import { createExecutor, type LocalExecutor } from "../execution/create-executor.ts";
import type { AttemptOrder, AttemptReport, InputValue, MappedEntry, MappedValue } from "../execution/executor.ts";
import { itemText } from "../execution/item-text.ts";
import { type LogStore, localLogs } from "../execution/logs/log-store.ts";
import { systemClock } from "../ports/clock.ts";
import { localFiles } from "../ports/files.ts";
import { systemRandom, uuidv7 } from "../ports/random.ts";

export interface SubprocessAttemptsOptions {
  readonly projectDir: string;
  /** Where the test keeps large values; the subprocesses have a folder of their own. */
  readonly blobs: BlobStore;
  readonly connections: Readonly<Record<string, string>>;
}

/** Runs shell and Python tasks of a test as real subprocesses, in a folder that is removed at the end. */
export class SubprocessAttempts {
  readonly #options: SubprocessAttemptsOptions;
  readonly #executor: LocalExecutor;
  readonly #blobs: BlobStore;
  readonly #logs: LogStore;
  readonly #folder: string;

  constructor(options: SubprocessAttemptsOptions) {
    const { projectDir, connections } = options;
    const sessionId = uuidv7(systemClock, systemRandom);
    const within = (name: string): string => join(this.#folder, name);
    this.#options = options;
    this.#folder = join(projectDir, ".batuta", "tests", sessionId);
    this.#blobs = localBlobs(within("blobs"), localFiles);
    this.#logs = localLogs({ folder: within("logs"), files: localFiles, clock: systemClock });
    this.#executor = createExecutor({
      clock: systemClock,
      sessionId,
      projectDir,
      versionsDir: dirname(projectDir),
      logs: this.#logs,
      blobsDir: within("blobs"),
      tempDir: within("tmp"),
      connection: (name) => connections[name],
    });
  }

  /** One attempt. `doneWhen` and `retryIf` are functions, so they are left to whoever calls functions. */
  async run(order: AttemptOrder, signal: AbortSignal, onLine: (line: string) => void): Promise<AttemptReport> {
    const versionHash = basename(this.#options.projectDir);
    const own = this.#withOwnBlobs(order);
    const plain = { ...own, versionHash, askFirst: false, task: { ...order.task, hasRetryCode: false } };
    for (const { value } of Object.values(order.input)) await this.#bring(value);
    signal.addEventListener("abort", () => this.#executor.stop(plain));
    const report = await this.#executor.execute(plain);
    for (const line of this.#logs.read(plain, 0).lines) onLine(line.text);
    const { result } = report;
    if (result.kind === "success" && result.output?.kind === "blob") {
      await this.#options.blobs.put(await this.#blobs.get(result.output.hash));
    }
    return report;
  }

  /** What the test holds in memory is brought to where subprocesses find it. */
  #withOwnBlobs({ item, ...order }: AttemptOrder): AttemptOrder {
    const input = Object.entries(order.input).map(([name, value]): [string, InputValue] => {
      const { mapped } = value;
      if (mapped === undefined) return [name, value];
      return [name, { ...value, mapped: { length: mapped.length, portions: () => this.#brought(mapped) } }];
    });
    const json = item === undefined ? undefined : itemText(item, this.#options.blobs);
    const own = json === undefined ? {} : { item: { kind: "inline", json } as const };
    return { ...order, ...own, input: Object.fromEntries(input) };
  }

  async *#brought(mapped: MappedValue): AsyncGenerator<readonly MappedEntry[]> {
    for await (const portion of mapped.portions()) {
      for (const entry of portion) if (entry.kind === "one") await this.#bring(entry.value);
      yield portion;
    }
  }

  async #bring(value: StoredValue | undefined): Promise<void> {
    if (value?.kind === "blob") await this.#blobs.put(await this.#options.blobs.get(value.hash));
  }

  async close(): Promise<void> {
    await this.#executor.close();
    localFiles.remove(this.#folder);
  }
}
