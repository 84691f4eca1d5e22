/** The processes of this host, as far as this user may see them. */
export interface ProcessTable {
  /** Every process at this moment, zombies left out: they run nothing and hold nothing. */
  rows(): readonly ProcessRow[];
  /**
   * Those whose environment, as it was when they began, holds this `NAME=value`. Looks among all processes, or among
   * those given; this very one is never found.
   */
  marked(marker: string, among?: readonly ProcessRow[]): readonly ProcessRow[];
  /** Undefined when there is no such process, or only its zombie. In the unit of `ProcessIdentity.startTime`. */
  startTimeOf(pid: number): string | undefined;
  /** Equal on two processes = a pid means the same to both. */
  hostId(): string;
}

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** In the unit of `ProcessIdentity.startTime`. */
  readonly startTime: string;
  /** Its own and that of children it has waited for, user and system. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** The rows of a process group and of everything that descends from its leader, other groups and sessions included. */
export function treeOf(rows: readonly ProcessRow[], leader: number): readonly ProcessRow[] {
  const children = new Map<number, ProcessRow[]>();
  for (const row of rows) {
    const siblings = children.get(row.parent);
    if (siblings === undefined) children.set(row.parent, [row]);
    else siblings.push(row);
  }
  const found = new Map<number, ProcessRow>();
  const waiting = rows.filter((row) => row.pid === leader || row.group === leader);
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    if (found.has(row.pid)) continue;
    found.set(row.pid, row);
    waiting.push(...(children.get(row.pid) ?? []));
  }
  return [...found.values()];
}
