/** Retries as data (semantics RT-1, RT-2). Delays in milliseconds. */
export interface RetryPolicy {
  /** Retries after the first attempt: attempts = limit + 1. */
  readonly limit: number;
  readonly delay: RetryDelay;
  /** Share of the delay that may be added, 0..1. */
  readonly jitter: number;
  /** Retry only these; absent = everything that is retryable. */
  readonly retryOn?: { readonly exitCodes?: readonly number[]; readonly errors?: readonly string[] };
}

export type RetryDelay =
  | { readonly kind: "fixed"; readonly ms: number }
  | { readonly kind: "list"; readonly ms: readonly number[] }
  | { readonly kind: "exponential"; readonly firstMs: number; readonly factor: number; readonly maxMs?: number };
