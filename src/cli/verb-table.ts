import type { Verb } from "./cli.ts";

/** A verb before it is loaded: enough for `batuta --help`, and how to get the rest. */
export interface VerbEntry {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  /** Another word for it. */
  readonly alias?: string;
  load(): Promise<Verb>;
}

/** In the order of a newcomer's first day. */
export const VERBS: readonly VerbEntry[] = [
  {
    name: "init",
    usage: "[folder]",
    summary: "make a project that runs at once",
    load: async () => (await import("./verbs/init.ts")).init,
  },
  {
    name: "run",
    usage: "<pipeline>",
    summary: "run a pipeline now and watch it",
    load: async () => (await import("./verbs/run.ts")).run,
  },
  {
    name: "backfill",
    usage: "<pipeline>",
    summary: "run a pipeline for a range of past intervals",
    load: async () => (await import("./verbs/backfill.ts")).backfill,
  },
  {
    name: "backfills",
    usage: "[pipeline]",
    summary: "list backfills, newest first",
    load: async () => (await import("./verbs/backfills.ts")).backfills,
  },
  {
    name: "dev",
    usage: "",
    summary: "run the schedules, and load files again when they change",
    load: async () => (await import("./verbs/dev.ts")).dev,
  },
  {
    name: "check",
    usage: "[pipeline]",
    summary: "find errors in the pipelines without running them",
    load: async () => (await import("./verbs/check.ts")).check,
  },
  {
    name: "list",
    usage: "",
    summary: "list the pipelines with their last runs",
    load: async () => (await import("./verbs/list.ts")).list,
  },
  {
    name: "show",
    usage: "<pipeline>",
    summary: "draw the graph of a pipeline",
    load: async () => (await import("./verbs/show.ts")).show,
  },
  {
    name: "preview",
    usage: "<schedule>",
    summary: "show when a schedule fires, and the interval of each run",
    load: async () => (await import("./verbs/preview.ts")).preview,
  },
  {
    name: "plan",
    usage: "",
    summary: "show what the files would change, with the next runs before and after",
    load: async () => (await import("./verbs/plan.ts")).plan,
  },
  {
    name: "timeline",
    usage: "",
    summary: "look ahead: what runs when, what waits, what will be late",
    load: async () => (await import("./verbs/timeline.ts")).timeline,
  },
  {
    name: "runs",
    usage: "[pipeline]",
    summary: "list runs, newest first",
    load: async () => (await import("./verbs/runs.ts")).runs,
  },
  {
    name: "logs",
    usage: "<run> [task]",
    summary: "print what tasks have written",
    load: async () => (await import("./verbs/logs.ts")).logs,
  },
  {
    name: "why",
    usage: "<run> [task]",
    summary: "say why a task waits, failed or did not run",
    load: async () => (await import("./verbs/why.ts")).why,
  },
  {
    name: "retry",
    usage: "<run>",
    summary: "run a finished run again, whole or from its failure",
    load: async () => (await import("./verbs/retry.ts")).retry,
  },
  {
    name: "cancel",
    usage: "<run> [tasks...]",
    summary: "stop a run, or tasks of it",
    load: async () => (await import("./verbs/cancel.ts")).cancel,
  },
  {
    name: "kill",
    usage: "<run> [tasks...]",
    summary: "stop a run, or tasks of it, at once",
    load: async () => (await import("./verbs/kill.ts")).kill,
  },
  {
    name: "clear",
    usage: "<run> [tasks...]",
    summary: "let finished tasks of a run run again",
    load: async () => (await import("./verbs/clear.ts")).clear,
  },
  {
    name: "mark",
    usage: "success|failed <run> [tasks...]",
    summary: "make tasks or a run a success, or failed, by hand",
    load: async () => (await import("./verbs/mark.ts")).mark,
  },
  {
    name: "dead-letters",
    usage: "[action] [ids...]",
    summary: "work through the tasks whose retries are used up",
    load: async () => (await import("./verbs/dead-letters.ts")).deadLetters,
  },
  {
    name: "pause",
    usage: "<pipeline>",
    summary: "let nothing of a pipeline start",
    load: async () => (await import("./verbs/pause.ts")).pause,
  },
  {
    name: "unpause",
    alias: "resume",
    usage: "<pipeline>",
    summary: "let a paused pipeline go on",
    load: async () => (await import("./verbs/unpause.ts")).unpause,
  },
  {
    name: "emit",
    usage: "<name>",
    summary: "send an event to the pipelines that listen to it",
    load: async () => (await import("./verbs/emit.ts")).emit,
  },
  {
    name: "pools",
    usage: "[set|reset] [name] [slots]",
    summary: "list pools with what is in use, or set their slots",
    load: async () => (await import("./verbs/pools.ts")).pools,
  },
  {
    name: "assets",
    usage: "",
    summary: "list the assets that must be made by a time of day",
    load: async () => (await import("./verbs/assets.ts")).assets,
  },
  {
    name: "cursor",
    usage: "<pipeline> [name]",
    summary: "say how far sources have been read, or set it",
    load: async () => (await import("./verbs/cursor.ts")).cursor,
  },
  {
    name: "import",
    usage: "crontab <file>",
    summary: "make pipelines of a crontab",
    load: async () => (await import("./verbs/import.ts")).importJobs,
  },
  {
    name: "doctor",
    usage: "",
    summary: "examine this machine and the project",
    load: async () => (await import("./verbs/doctor.ts")).doctor,
  },
];
