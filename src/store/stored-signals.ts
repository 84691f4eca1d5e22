import type { ConsumedEvent } from "../core/trigger/consumed-event.ts";
import type { FileState } from "../core/trigger/file-state.ts";
import type { NewSignal } from "../core/trigger/signal.ts";
import { filterOf, type TriggerSpec } from "../core/trigger/trigger-spec.ts";
import { dueTriggers } from "./due-triggers.ts";
import { checkSignals, emit } from "./emit.ts";
import { fireTrigger, type PlannedOutcome, postponeTrigger } from "./fire-trigger.ts";
import { fileTriggers, ignoreFiles, keepFiles, noteLook } from "./found-files.ts";
import { whatWaits } from "./look-at-trigger.ts";
import { present } from "./records.ts";
import type { RunId } from "./run-id.ts";
import type { ScheduleFault } from "./schedule-store.ts";
import { type EmittedSignal, toConsumedEvent } from "./signal-records.ts";
import type { AwaitedEvent, SignalStore } from "./signal-store.ts";
import { StoredSchedules } from "./stored-schedules.ts";
import { takeEvent } from "./take-event.ts";
import type { Reader } from "./transaction.ts";
import {
  type DueTrigger,
  type DueTriggers,
  type FileTrigger,
  type FiringOutcome,
  type LookFault,
  PENDING_SHOWN_MAX,
  type Postponement,
  type TriggerRecord,
} from "./trigger-records.ts";
import type { TriggerRow } from "./trigger-rows.ts";

/** Events from outside, and what they start. */
export abstract class StoredSignals extends StoredSchedules implements SignalStore {
  async emit(signals: readonly NewSignal[]): Promise<readonly EmittedSignal[]> {
    const checked = checkSignals(signals);
    return this.database.write((tx) => emit(tx, checked));
  }

  eventsOf(run: RunId): Promise<readonly ConsumedEvent[]> {
    return this.database.read(async (rows) => (await rows.signals.startersOf(run)).map(toConsumedEvent));
  }

  takeEvent(wanted: AwaitedEvent): Promise<ConsumedEvent | undefined> {
    return takeEvent(this.database, wanted);
  }

  triggers(project: string, pipeline?: string): Promise<readonly TriggerRecord[]> {
    return this.database.read(async (rows) => {
      const records: TriggerRecord[] = [];
      for (const row of await rows.triggers.triggers(project, pipeline)) records.push(await toTriggerRecord(rows, row));
      return records;
    });
  }

  dueTriggers(project: string, limit: number): Promise<DueTriggers> {
    return dueTriggers(this.database, project, limit);
  }

  async fireTrigger(due: DueTrigger, outcomes: readonly FiringOutcome[]): Promise<boolean> {
    const planned: PlannedOutcome[] = [];
    for (const outcome of outcomes) {
      planned.push(outcome.kind === "run" ? { kind: "run", planned: await this.plan(outcome.run) } : outcome);
    }
    return this.database.write((tx) => fireTrigger(tx, due, planned));
  }

  postponeTrigger(due: DueTrigger, postponement: Postponement): Promise<void> {
    return this.database.write((tx) => postponeTrigger(tx, due, postponement));
  }

  fileTriggers(project: string): Promise<readonly FileTrigger[]> {
    return this.database.read((rows) => fileTriggers(rows, project));
  }

  keepFiles(trigger: FileTrigger, files: readonly FileState[]): Promise<number> {
    return this.database.write((tx) => keepFiles(tx, trigger, files));
  }

  ignoreFiles(trigger: FileTrigger, files: readonly FileState[]): Promise<boolean> {
    return this.database.write((tx) => ignoreFiles(tx, trigger, files));
  }

  noteLook(trigger: FileTrigger, fault: LookFault | undefined): Promise<void> {
    return this.database.write((tx) => noteLook(tx, trigger, fault));
  }
}

const REFUSED_SHOWN_MAX = 5;

async function toTriggerRecord(rows: Reader, row: TriggerRow): Promise<TriggerRecord> {
  const { key, project, pipeline, name, openAt } = row;
  const spec = JSON.parse(row.spec) as TriggerSpec;
  const { events } = await whatWaits(rows, row, filterOf(spec.source), PENDING_SHOWN_MAX);
  return {
    ...{ key, project, pipeline, name, spec, pending: events.length },
    ...present("nextAt", row.nextAt),
    ...(openAt > rows.now ? { openAt } : {}),
    ...present("lastRun", row.lastRun),
    ...present("fault", row.fault === null ? null : (JSON.parse(row.fault) as ScheduleFault)),
    ...present("lookFault", row.lookFault === null ? null : (JSON.parse(row.lookFault) as ScheduleFault)),
    refused: await rows.signals.refused(`trigger:${key}`, REFUSED_SHOWN_MAX),
  };
}
