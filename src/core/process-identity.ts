/** Names a process beyond doubt: the pid alone is reused. */
export interface ProcessIdentity {
  readonly hostname: string;
  /** Boot id and pid name space: equal = its pid means the same here. */
  readonly hostId: string;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot. */
  readonly startTime: string;
}
