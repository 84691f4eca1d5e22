import { join } from "node:path";
import { isCalendarDate } from "../../core/calendar-date.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import type { Files } from "../../ports/files.ts";

interface Place {
  /** The folder with the sources of the version. */
  readonly rootDir: string;
  readonly files: Pick<Files, "readText" | "exists">;
}

/** The schedules of a pipeline with the holidays of their business calendars in them: the manifest is all there is later. */
export function withHolidays(spec: PipelineSpec, place: Place): PipelineSpec {
  const { schedules } = spec;
  if (schedules?.some(({ filter }) => filter?.calendar !== undefined) !== true) return spec;
  return { ...spec, schedules: schedules.map((schedule) => withOwnHolidays(schedule, spec, place)) };
}

function withOwnHolidays(schedule: ScheduleSpec, spec: PipelineSpec, place: Place): ScheduleSpec {
  const { filter } = schedule;
  if (filter?.calendar === undefined) return schedule;
  return { ...schedule, filter: { ...filter, holidays: holidaysOf(filter.calendar, spec, place) } };
}

const HOLIDAYS_MAX = 100_000;

function holidaysOf(
  path: string,
  { name, location }: Pick<PipelineSpec, "name" | "location">,
  { rootDir, files }: Place,
): readonly string[] {
  const problem = (fault: string, hint: string): BatutaError =>
    new BatutaError("invalid_definition", `The business calendar ${path} of pipeline "${name}" ${fault}.`, {
      location,
      hint,
    });
  if (!files.exists(join(rootDir, path))) {
    throw problem(
      "is not among the files of the project",
      "Put it there, with its path from the project folder; batuta.json must not exclude it.",
    );
  }
  const listed = listOf(parsed(files.readText(join(rootDir, path)), problem));
  if (listed === undefined) throw problem("is no list of holidays", FORMS);
  const wrong = listed.find((date) => typeof date !== "string" || !isCalendarDate(date));
  if (wrong !== undefined) throw problem(`has ${JSON.stringify(wrong)} in it, which is no date`, FORMS);
  if (listed.length > HOLIDAYS_MAX)
    throw problem(`has more than ${HOLIDAYS_MAX} dates`, "Leave out what is long past.");
  return [...new Set(listed.map(String))].sort();
}

const FORMS =
  'Write a list of dates, ["2024-12-25"], an object of dates and names, { "2024-12-25": "Christmas" }, or { "holidays": … } with either.';

function parsed(text: string, problem: (fault: string, hint: string) => BatutaError): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw problem(`is not valid JSON: ${error instanceof Error ? error.message : String(error)}`, FORMS);
  }
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value.map(dateOf);
  if (typeof value !== "object" || value === null) return undefined;
  return "holidays" in value ? listOf(value.holidays) : Object.keys(value);
}

/** A date, or an object with one and what else is worth knowing. */
function dateOf(item: unknown): unknown {
  return typeof item === "object" && item !== null && "date" in item ? item.date : item;
}
