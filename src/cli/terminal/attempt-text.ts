/** `attempt 2 of 5`; beyond the budget, where a lost attempt was replaced, `attempt 6`. */
export function attemptOf(attempt: number, retryLimit: number): string {
  return attempt > retryLimit + 1 ? `attempt ${attempt}` : `attempt ${attempt} of ${retryLimit + 1}`;
}
