const PREFIX = "child";

/** The reason recorded with a task run that waits for a run of another pipeline, or was ended by it: `child: 0197a0c0-…`. */
export function childReason(runId: string): string {
  return `${PREFIX}: ${runId}`;
}

/** The run that such a reason names; undefined when it is none. */
export function childOf(reason: string | undefined): string | undefined {
  return reason?.startsWith(`${PREFIX}: `) === true ? reason.slice(PREFIX.length + 2) : undefined;
}
