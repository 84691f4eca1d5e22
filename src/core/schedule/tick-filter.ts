/** Which ticks of a schedule make runs; all texts are local to the schedule's zone (TI-8). */
export interface TickFilter {
  /** A tick must fall into one of them. */
  readonly windows?: readonly TickWindow[];
  /** Dates without runs, `from` and `to` inclusive. */
  readonly blackout?: readonly DateRange[];
  /** Holidays of a business calendar, ascending: dates without runs. */
  readonly holidays?: readonly string[];
}

/** Hours of certain days. It may go over midnight: then it belongs to the day on which it begins. */
export interface TickWindow {
  /** 0 = Sunday … 6 = Saturday, ascending; absent = every day. */
  readonly days?: readonly number[];
  /** Minutes after midnight, from 0; `toMinute` is not in the window any more. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** `YYYY-MM-DD` */
export interface DateRange {
  readonly from: string;
  readonly to: string;
}
