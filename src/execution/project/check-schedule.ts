import type { PipelineSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";

/** Throws `invalid_definition` for a cron expression that the library cannot read. It is imported only when asked. */
export async function checkSchedule({ name, schedule, location }: PipelineSpec): Promise<void> {
  if (schedule === undefined) return;
  const { Cron } = await import("croner");
  try {
    const next = new Cron(schedule.cron, { timezone: schedule.timezone, paused: true }).nextRun();
    if (next !== null) return;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BatutaError("invalid_definition", `The schedule "${schedule.cron}" of ${name} is wrong: ${why}.`, {
      location,
      hint: 'Five fields: minute (0-59), hour (0-23), day of month (1-31), month (1-12), weekday (0-7), as in "0 6 * * *".',
    });
  }
  throw new BatutaError("invalid_definition", `The schedule "${schedule.cron}" of ${name} never comes.`, {
    location,
    hint: "Look at the day of month and the month: 30 February does not exist.",
  });
}
