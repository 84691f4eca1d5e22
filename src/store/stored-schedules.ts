import { deploy } from "./deploy.ts";
import { toDeploymentRecord, toScheduleRecord } from "./schedule-records.ts";
import type { DeploymentRecord, DeployRequest, DeployResult, ScheduleRecord, ScheduleStore } from "./schedule-store.ts";
import { StoredActions } from "./stored-actions.ts";

/** What projects run, and when. */
export abstract class StoredSchedules extends StoredActions implements ScheduleStore {
  deploy(request: DeployRequest): Promise<DeployResult> {
    return this.database.write((tx) => deploy(tx, request));
  }

  deployment(project: string): Promise<DeploymentRecord | undefined> {
    return this.database.read(async (rows) => {
      const row = await rows.schedules.deployment(project);
      return row === undefined ? undefined : toDeploymentRecord(row);
    });
  }

  schedules(project: string, pipeline?: string): Promise<readonly ScheduleRecord[]> {
    return this.database.read(async (rows) =>
      (await rows.schedules.schedules(project, pipeline)).map(toScheduleRecord),
    );
  }
}
