const PREFIX = "done_when";

/** The reason recorded with a success whose work was found done (RT-7): `done_when`, or `done_when: warehouse/orders`. */
export function doneReason(asset: string | undefined): string {
  return asset === undefined ? PREFIX : `${PREFIX}: ${asset}`;
}

/** What found the work done: an asset by its key, or "" for a function; undefined when it is no such reason. */
export function doneBy(reason: string | undefined): string | undefined {
  if (reason === PREFIX) return "";
  return reason?.startsWith(`${PREFIX}: `) === true ? reason.slice(PREFIX.length + 2) : undefined;
}
