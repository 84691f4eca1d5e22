import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { present } from "./records.ts";
import type { DeploymentRow, ScheduleRow } from "./schedule-rows.ts";
import type { DeploymentRecord, FileFault, ScheduleFault, ScheduleRecord } from "./schedule-store.ts";

/** From rows to what readers see, as in `records.ts`. */

export function toDeploymentRecord({ kept, faults, ...row }: DeploymentRow): DeploymentRecord {
  const { project, versionHash, deployedAt, deployedBy } = row;
  return {
    ...{ project, versionHash, deployedAt, deployedBy },
    kept: Object.entries(JSON.parse(kept) as Record<string, string>).map(([pipeline, hash]) => {
      return { pipeline, versionHash: hash };
    }),
    faults: JSON.parse(faults) as FileFault[],
  };
}

export function toScheduleRecord(row: ScheduleRow): ScheduleRecord {
  const { project, pipeline, name, generation, origin } = row;
  return {
    ...{ project, pipeline, name, generation, origin },
    spec: JSON.parse(row.spec) as ScheduleSpec,
    ...present("mark", row.mark),
    ...present("nextAt", row.nextAt),
    ...present("rest", row.rest),
    ...present("lastRun", row.lastRun),
    ...present("fault", row.fault === null ? null : (JSON.parse(row.fault) as ScheduleFault)),
  };
}
