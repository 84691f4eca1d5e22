/** What came of looking for deadlines that have come. */
export interface TimerFiring {
  readonly fired: number;
  /** Until the next deadline; absent when there is none. */
  readonly nextInMs?: number;
}
