import type { DataInterval } from "../core/instant.ts";
import type { IntervalRun } from "../core/sensors/interval-cover.ts";
import { claimPolls } from "./claim-polls.ts";
import { expireWatches } from "./expire-watches.ts";
import { toWatchRecord } from "./records.ts";
import { reportPolls } from "./report-polls.ts";
import type { RunId } from "./store.ts";
import { StoredCursors } from "./stored-cursors.ts";
import type {
  PollClaim,
  PollClaims,
  PollReport,
  PollReports,
  WatchExpiry,
  WatchedPipeline,
  WatchRecord,
} from "./watch-records.ts";
import type { WatchStore } from "./watch-store.ts";

/** What sensors ask for, over any database. */
export abstract class StoredWatches extends StoredCursors implements WatchStore {
  claimPolls(claim: PollClaim): Promise<PollClaims> {
    return claimPolls(this.database, claim);
  }

  reportPolls(reports: readonly PollReport[]): Promise<PollReports> {
    return reportPolls(this.database, this.pipelines, reports);
  }

  expireWatches(): Promise<WatchExpiry> {
    return expireWatches(this.database, this.pipelines);
  }

  runsMeeting(name: WatchedPipeline, interval: DataInterval): Promise<readonly IntervalRun[]> {
    return this.database.read((rows) => rows.watches.runsMeeting(name, interval));
  }

  watches(run: RunId): Promise<readonly WatchRecord[]> {
    return this.database.read(async (rows) => (await rows.watches.ofRun(run)).map(toWatchRecord));
  }
}
