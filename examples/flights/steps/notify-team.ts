import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Outcome } from "batuta";
import { dayFiles } from "../day-files.ts";
import { longDay, minutes, percent, whole } from "../report/wording.ts";
import type { Published } from "./publish-report.ts";
import type { Step } from "./step.ts";

/** Writes the message that goes to the team. It also goes out when no report was asked for, so there may be no page. */
export async function notifyTeam({ input, ds, params, projectDir, log }: Step<{ page: Outcome<Published> }>) {
  const { message: file } = dayFiles(projectDir, params.folder, ds);
  const message = wording(ds, input.page.value);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${message}\n`);
  log.info(message, { file });
  return { file };
}

function wording(ds: string, page: Published | undefined): string {
  if (page === undefined) return `${longDay(ds)} is in the warehouse. No report was asked for.`;
  const late = percent(page.lateFlights / page.flights);
  return `${longDay(ds)}: ${whole(page.flights)} flights, ${late} late, mean delay ${minutes(page.meanDelay)}. ${page.report}`;
}
