import type { Instant } from "../core/instant.ts";
import type { Position } from "../core/map-path.ts";
import type { PastSuccess } from "../core/past-success.ts";
import type { StoredValue } from "../core/value.ts";
import type { CacheEntry } from "./cache-records.ts";
import type { EventBody } from "./event-body.ts";
import type { HolderRecord, LaneRecord, PausedPipeline, ScopeRecord } from "./limit-records.ts";
import type { PastHolder } from "./past-records.ts";
import type { RunId } from "./run-id.ts";
import type {
  AttemptRecord,
  IntervalPlace,
  RunFilter,
  RunRecord,
  TaskRunFilter,
  TaskRunRecord,
} from "./run-records.ts";

/** What is so: reads that no decision hangs on, each of committed rows. */
export interface FactStore {
  run(id: RunId): Promise<RunRecord | undefined>;
  /** Newest first. */
  runs(filter: RunFilter): Promise<readonly RunRecord[]>;
  /** Of the successful runs of a whole pipeline and schedule with an earlier interval the latest: the newest of these. */
  pastSuccess(place: IntervalPlace): Promise<PastSuccess | undefined>;
  /** For what a task run waits in the end that waits for itself in the run before; undefined when for nothing. */
  pastHolder(run: RunId, taskIndex: number): Promise<PastHolder | undefined>;
  /** What attempts of runs begin with, of those of these runs that there are: one look for all of them. */
  runStarts(ids: readonly RunId[]): Promise<readonly RunStart[]>;
  /** What the tasks of a pipeline took in its last successful runs, on average, by name; an item of a map counts as one. */
  taskDurations(project: string, pipeline: string): Promise<ReadonlyMap<string, number>>;
  taskRuns(run: RunId, filter?: TaskRunFilter): Promise<readonly TaskRunRecord[]>;
  /** Task runs at these places of a run, in any order; a place where there is none is left out. */
  taskRunsAt(run: RunId, places: readonly Position[]): Promise<readonly TaskRunRecord[]>;
  /** All attempts of a run, of one task of it, or of one task run, oldest first. */
  attempts(run: RunId, taskIndex?: number, mapKey?: string): Promise<readonly AttemptRecord[]>;
  /** Values of finished task runs; a task run without a value is absent. */
  outputs(run: RunId, taskIndexes: readonly number[]): Promise<ReadonlyMap<number, StoredValue>>;
  /** Values of task runs in their order, undefined where there is none: so many as `bytesMax` allows, but one at least. */
  values(taskRunKeys: readonly number[], bytesMax: number): Promise<readonly (StoredValue | undefined)[]>;
  /** The result that a project keeps under a key; undefined when there is none that is still good. */
  cacheEntry(project: string, key: string): Promise<CacheEntry | undefined>;
  /** Events in commit order, never skipping one that commits late. `after` is the cursor of the last one read. */
  events(query: EventQuery): Promise<EventPage>;
  /** Cursor of the newest event so far: who begins there reads what comes. Undefined = there is none. */
  newestEvent(): Promise<string | undefined>;
  /** Lanes with something ready, and who holds their slots: what `why` needs beside the task runs. */
  lanes(): Promise<readonly LaneRecord[]>;

  pausedPipelines(project: string): Promise<readonly PausedPipeline[]>;
  /** Pools, tags and whatever else is shared whose name begins so, with what is in use. */
  scopes(project: string, namePrefix: string): Promise<readonly ScopeRecord[]>;
  /** Who holds slots of these scopes of a project, the longest first; no more of each than a person wants to read. */
  scopeHolders(project: string, names: readonly string[]): Promise<readonly HolderRecord[]>;
}

/** A run, and what `pastSuccess` says of its place. */
export interface RunStart {
  readonly run: RunRecord;
  readonly lastSuccess?: PastSuccess;
}

export interface EventQuery {
  readonly run?: RunId;
  /** Opaque; absent = from the beginning. */
  readonly after?: string;
  readonly limit: number;
}

export interface EventPage {
  readonly events: readonly EventRecord[];
  readonly cursor: string | undefined;
}

/** One state change or fact, written in the transaction that made it true. */
export interface EventRecord {
  readonly cursor: string;
  readonly at: Instant;
  /** Absent where it belongs to no run. */
  readonly runId?: RunId;
  readonly body: EventBody;
}
