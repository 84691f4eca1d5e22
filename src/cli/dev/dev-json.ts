import { iso } from "../../core/instant.ts";
import type { ProjectProblem } from "../../execution/project/problem.ts";
import { problemError } from "../../execution/project/problem.ts";
import { errorBody } from "../envelope.ts";
import type { DevReport, ScheduleReport } from "./dev-report.ts";

/** A report as one line of JSON: what it is in `kind`, instants in ISO 8601 in UTC. */
export function devJson(report: DevReport): string {
  const { at } = report;
  return JSON.stringify({ ...report, at: iso(at), ...details(report) });
}

function details(report: DevReport): object {
  switch (report.kind) {
    case "started":
    case "reloaded":
      return {
        ms: Math.round(report.ms),
        schedules: report.schedules.map(scheduleJson),
        problems: report.problems.map(problemJson),
      };
    case "late":
      return { dueAt: iso(report.dueAt) };
    case "task":
      return report.dueAt === undefined ? {} : { dueAt: iso(report.dueAt) };
    case "schedule_set_aside":
      return { againAt: iso(report.againAt) };
    case "ticks_left_out":
      return { from: iso(report.from), to: iso(report.to) };
    default:
      return {};
  }
}

function scheduleJson({ nextAt, ...schedule }: ScheduleReport): object {
  return { ...schedule, ...(nextAt === undefined ? {} : { nextAt: iso(nextAt) }) };
}

function problemJson(problem: ProjectProblem): object {
  return { severity: problem.severity, file: problem.file, ...errorBody(problemError(problem)) };
}
