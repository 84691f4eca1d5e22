import type { Instant } from "../instant.ts";

/**
 * The instants at which a schedule fires, whatever its bounds and filters leave of them. Undefined where there is none
 * in that direction.
 */
export interface Ticks {
  /** The first strictly after an instant. */
  after(instant: Instant): Instant | undefined;
  /** The last strictly before an instant. */
  before(instant: Instant): Instant | undefined;
  /** The last at or before an instant. */
  atOrBefore(instant: Instant): Instant | undefined;
}
