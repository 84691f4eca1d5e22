import type { Position } from "../core/map-path.ts";
import type { PastSuccess } from "../core/past-success.ts";
import type { StoredValue } from "../core/value.ts";
import type { CacheEntry } from "./cache-records.ts";
import type { EventPage, EventQuery, FactStore, RunStart } from "./fact-store.ts";
import { holdersOf } from "./holders-of.ts";
import { limitsOf } from "./lane-limits.ts";
import { toLaneRecord, toLaneView, toPausedPipeline, toScopeRecord } from "./lane-records.ts";
import type { HolderRecord, LaneRecord, PausedPipeline, ScopeRecord } from "./limit-records.ts";
import { pastHolder } from "./past-holder.ts";
import type { PastHolder } from "./past-records.ts";
import {
  present,
  toAttemptRecord,
  toCacheEntry,
  toEventRecord,
  toPastSuccess,
  toRunRecord,
  toStoredValue,
  toTaskRunRecord,
} from "./records.ts";
import type { RunId } from "./run-id.ts";
import type {
  AttemptRecord,
  IntervalPlace,
  RunFilter,
  RunRecord,
  TaskRunFilter,
  TaskRunRecord,
} from "./run-records.ts";
import { StoreBase } from "./store-base.ts";
import { taskDurations } from "./task-durations.ts";
import { valuesOf } from "./values-of.ts";

/** Each read is one look at committed rows. */
export abstract class StoredFacts extends StoreBase implements FactStore {
  run(id: RunId): Promise<RunRecord | undefined> {
    return this.database.read(async (rows) => {
      const row = await rows.run(id);
      return row === undefined ? undefined : toRunRecord(row);
    });
  }

  runs(filter: RunFilter): Promise<readonly RunRecord[]> {
    return this.database.read(async (rows) => (await rows.runs(filter)).map(toRunRecord));
  }

  pastSuccess(place: IntervalPlace): Promise<PastSuccess | undefined> {
    return this.database.read(async (rows) => {
      const row = await rows.past.success(place);
      return row === undefined ? undefined : toPastSuccess(row);
    });
  }

  pastHolder(run: RunId, taskIndex: number): Promise<PastHolder | undefined> {
    return this.database.read((rows) => pastHolder(rows, this.pipelines, run, taskIndex));
  }

  runStarts(ids: readonly RunId[]): Promise<readonly RunStart[]> {
    return this.database.read(async (rows) => {
      const [runs, successes] = await Promise.all([rows.runsWithIds(ids), rows.past.successesBefore(ids)]);
      const before = new Map(successes.map((row) => [row.before, toPastSuccess(row)]));
      return runs.map((row) => ({ run: toRunRecord(row), ...present("lastSuccess", before.get(row.id) ?? null) }));
    });
  }

  taskDurations(project: string, pipeline: string): Promise<ReadonlyMap<string, number>> {
    return this.database.read((rows) => taskDurations(rows, this.pipelines, { project, pipeline }));
  }

  taskRuns(run: RunId, filter: TaskRunFilter = {}): Promise<readonly TaskRunRecord[]> {
    return this.database.read(async (rows) =>
      Array.from(await rows.taskRunsOfRun(run, filter), (row) => toTaskRunRecord(row, run)),
    );
  }

  taskRunsAt(run: RunId, places: readonly Position[]): Promise<readonly TaskRunRecord[]> {
    return this.database.read(async (rows) => {
      const row = await rows.run(run);
      return row === undefined
        ? []
        : (await rows.taskRunsAt(row.key, places)).map((found) => toTaskRunRecord(found, run));
    });
  }

  attempts(run: RunId, taskIndex?: number, mapKey?: string): Promise<readonly AttemptRecord[]> {
    return this.database.read(async (rows) => Array.from(await rows.attempts(run, taskIndex, mapKey), toAttemptRecord));
  }

  outputs(run: RunId, taskIndexes: readonly number[]): Promise<ReadonlyMap<number, StoredValue>> {
    return this.database.read(async (rows) => {
      const found = await rows.outputs(run, taskIndexes);
      return new Map(found.map((row) => [row.taskIndex, toStoredValue(row)]));
    });
  }

  values(taskRunKeys: readonly number[], bytesMax: number): Promise<readonly (StoredValue | undefined)[]> {
    return this.database.read((rows) => valuesOf(rows, taskRunKeys, bytesMax));
  }

  cacheEntry(project: string, key: string): Promise<CacheEntry | undefined> {
    return this.database.read(async (rows) => {
      const row = await rows.cacheEntry(project, key);
      return row === undefined ? undefined : toCacheEntry(row);
    });
  }

  events(query: EventQuery): Promise<EventPage> {
    return this.database.read(async (rows) => {
      const events = (await rows.events(query)).map(toEventRecord);
      return { events, cursor: events.at(-1)?.cursor ?? query.after };
    });
  }

  newestEvent(): Promise<string | undefined> {
    return this.database.read((rows) => rows.newestEvent());
  }

  lanes(): Promise<readonly LaneRecord[]> {
    return this.database.read(async (rows) => {
      const lanes = await rows.lanes();
      const scopes = await limitsOf(rows, lanes.map(toLaneView));
      return lanes.map((lane) => toLaneRecord(lane, scopes, rows.now));
    });
  }

  pausedPipelines(project: string): Promise<readonly PausedPipeline[]> {
    return this.database.read(async (rows) => (await rows.pausedPipelines(project)).map(toPausedPipeline));
  }

  scopes(project: string, namePrefix: string): Promise<readonly ScopeRecord[]> {
    return this.database.read(async (rows) => (await rows.scopes(project, namePrefix)).map(toScopeRecord));
  }

  scopeHolders(project: string, names: readonly string[]): Promise<readonly HolderRecord[]> {
    return this.database.read((rows) => holdersOf(rows, this.pipelines, project, names));
  }
}
