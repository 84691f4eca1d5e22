/** A wish that a running attempt ends before it ends by itself, as it stands with its lease. */
export interface StopRequest {
  readonly kind: StopKind;
  /** One sentence for a person, recorded with the attempt. */
  readonly message: string;
  /** Who asked for it; absent when a rule did. */
  readonly actor?: string;
}

/**
 * `cancel`: it is asked to end, and killed after its grace time. `kill`: at once. Both end it as cancelled. `timeout`:
 * asked as by `cancel`, and it ends as failed for good.
 */
export type StopKind = "timeout" | "cancel" | "kill";

const STRENGTH: Readonly<Record<StopKind, number>> = { timeout: 1, cancel: 2, kill: 3 };

/** Whether a request changes anything where another stands already. */
export function outranks(request: StopRequest, standing: StopRequest | undefined): boolean {
  return standing === undefined || STRENGTH[request.kind] > STRENGTH[standing.kind];
}
