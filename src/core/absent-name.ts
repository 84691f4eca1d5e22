import { ownName } from "./airflow-names.ts";

/**
 * Why a name of templates may stand for nothing in a run, and what most people take in its place. Undefined for a name
 * that always has a value, and for one that there is not.
 */
export function whyAbsent(name: string): Pick<Absence, "why" | "instead"> | undefined {
  const own = ownName(name);
  return ABSENT.find(({ names }) => names.some((known) => known === own || known.startsWith(`${own}.`)));
}

interface Absence {
  readonly names: readonly string[];
  readonly why: string;
  readonly instead: string;
}

const ABSENT: readonly Absence[] = [
  {
    names: ["start", "end", "ds", "runId", "startedAt", "finishedAt"].map((key) => `prev.success.${key}`),
    why: "no run of an earlier interval has succeeded yet",
    instead: "interval.start",
  },
  {
    names: ["prev.ds", "prev.ds_nodash", "prev.interval.start", "prev.interval.end"],
    why: "the run works on no step of a schedule, so none comes before it",
    instead: "ds",
  },
  {
    names: ["next.ds", "next.ds_nodash", "next.interval.start", "next.interval.end"],
    why: "the run works on no step of a schedule, so none comes after it",
    instead: "ds",
  },
  { names: ["schedule", "run.schedule"], why: "the run works on the interval of no schedule", instead: "trigger" },
];
