import type { Clock } from "../ports/clock.ts";
import type { Files } from "../ports/files.ts";
import type { ProcessTable } from "../ports/process-table.ts";
import type { BlobLists } from "./blob-lists.ts";
import type { BlobStore } from "./blobs.ts";
import type { LogStore } from "./logs/log-store.ts";
import type { TaskPool } from "./pool/task-pool.ts";
import type { TempFolders } from "./temp-folders.ts";
import type { UsageSampler } from "./usage-sampler.ts";

/** What every attempt of an executor shares. */
export interface AttemptServices {
  readonly clock: Clock;
  readonly table: ProcessTable;
  readonly files: Files;
  readonly sampler: UsageSampler;
  readonly logs: LogStore;
  readonly blobs: BlobStore;
  readonly lists: BlobLists;
  readonly temp: TempFolders;
  readonly pool: TaskPool;
  readonly sessionId: string;
  readonly projectDir: string;
  readonly versionsDir: string;
  /** Settings of a connection by its name. */
  readonly connection: (name: string) => string | undefined;
  /** A new value of `PROCESS_VARIABLE` for each process. */
  readonly newMark: () => string;
  /** Called before a process is started. */
  readonly beforeStart: () => Promise<void>;
}
