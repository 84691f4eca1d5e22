import type { Instant } from "../core/instant.ts";
import type { BatutaError } from "../core/problem.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import type { TickAnswer, TickGap } from "../core/schedule/schedule-state.ts";
import type { SourceLocation } from "../core/source-location.ts";
import type { RunId } from "./run-id.ts";

/** What a project runs now, and when its pipelines run by themselves. */
export interface ScheduleStore {
  /**
   * Makes a saved version the project's current one: its schedules take effect, those that it does not have any more
   * end. An equal one changes nothing; an edited schedule goes on where it was, without gap or overlap (TI-6).
   */
  deploy(request: DeployRequest): Promise<DeployResult>;
  /** Undefined before the first. */
  deployment(project: string): Promise<DeploymentRecord | undefined>;
  /** Of the current version, by pipeline and name; of one pipeline, or of all. */
  schedules(project: string, pipeline?: string): Promise<readonly ScheduleRecord[]>;
  /** Ticks of a schedule that were left out lately, the newest first. */
  scheduleGaps(name: FullScheduleName, limit: number): Promise<readonly TickGap[]>;

  /** Creates the runs that are due, whoever else does the same: one for each interval of a schedule (TI-3). */
  fireSchedules(): Promise<ScheduleFiring>;
  /** Schedules whose functions are to be asked for their next ticks. */
  schedulesToAsk(): Promise<readonly ScheduleToAsk[]>;
  /** What the function of a schedule has said, or how it failed. False: the schedule was changed meanwhile. */
  answerSchedule(asked: ScheduleToAsk, answer: TickAnswer | BatutaError): Promise<boolean>;
  /** Gives schedules a wake-up that have lost theirs; how many. */
  restoreSchedules(): Promise<number>;
}

export interface FullScheduleName extends ScheduleName {
  readonly project: string;
}

export interface ScheduleToAsk extends FullScheduleName {
  readonly key: number;
  readonly generation: number;
  /** The version whose function it is. */
  readonly versionHash: string;
  /** Ticks after this … */
  readonly after: Instant;
  /** … up to the first after this. */
  readonly until: Instant;
}

export interface ScheduleFiring {
  /** Runs that were created. */
  readonly created: number;
  /** Until there is something to do again, 0 = at once; absent when nothing is to come by time. */
  readonly nextInMs?: number;
  /** Functions of schedules are to be asked for their next ticks. */
  readonly asks?: true;
}

export interface DeployRequest {
  readonly project: string;
  /** It was saved before. */
  readonly versionHash: string;
  /** Pipelines whose files are broken now: they stay as they were in an older version. */
  readonly kept?: readonly KeptPipeline[];
  /** What is wrong with which file, for show. */
  readonly faults?: readonly FileFault[];
  readonly actor: string;
}

export interface KeptPipeline {
  readonly pipeline: string;
  /** The version that has it as it was good last. */
  readonly versionHash: string;
}

export interface FileFault {
  /** Relative to the project folder. */
  readonly file: string;
  readonly message: string;
  readonly hint?: string;
  readonly location?: SourceLocation;
}

export interface DeployResult {
  /** False: it was deployed already, just so. */
  readonly changed: boolean;
  readonly added: readonly ScheduleName[];
  readonly edited: readonly ScheduleName[];
  readonly removed: readonly ScheduleName[];
}

export interface ScheduleName {
  readonly pipeline: string;
  readonly schedule: string;
}

export interface DeploymentRecord {
  readonly project: string;
  readonly versionHash: string;
  readonly kept: readonly KeptPipeline[];
  readonly faults: readonly FileFault[];
  readonly deployedAt: Instant;
  readonly deployedBy: string;
}

export interface ScheduleRecord {
  readonly project: string;
  readonly pipeline: string;
  readonly name: string;
  readonly generation: number;
  readonly spec: ScheduleSpec;
  /** When it was deployed: where a schedule without a start of its own begins. */
  readonly origin: Instant;
  /** End of the last interval that was decided. */
  readonly mark?: Instant;
  /** When it is looked at again. */
  readonly nextAt?: Instant;
  /** Why it is not looked at by time. */
  readonly rest?: ScheduleRest;
  /** The last run it has made. */
  readonly lastRun?: RunId;
  readonly fault?: ScheduleFault;
}

/** It is off, its pipeline is paused, nothing is to come, it waits for its last run, or for its own function. */
export type ScheduleRest = "off" | "paused" | "ended" | "run" | "code";

/** Why nothing comes of a schedule; the others go on. */
export interface ScheduleFault {
  readonly message: string;
  readonly hint?: string;
  /** Where the user's code threw, or else its pipeline. */
  readonly location?: SourceLocation;
  readonly since: Instant;
  /** How often it was tried in vain; 0: not yet with what is deployed now. */
  readonly times: number;
}
