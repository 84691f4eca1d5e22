/**
 * What `skip()` throws. Recognised by its `batuta` property, so that it keeps its meaning when two copies of the
 * package meet.
 *
 * @example
 * await expect(run(context)).rejects.toThrow(SkipSignal);
 */
export class SkipSignal extends Error {
  readonly batuta = "skip";

  constructor(reason: string) {
    super(reason);
    this.name = "SkipSignal";
  }
}

/**
 * What `fatal()` throws: the attempt fails and is not retried, whatever `retries` says.
 *
 * @example
 * class BadCredentials extends FatalError {}
 */
export class FatalError extends Error {
  readonly batuta = "fatal";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FatalError";
  }
}

/**
 * Ends the task as skipped, without a retry. Its dependants are decided by their trigger rules.
 *
 * @example
 * task("load", async ({ ds }) => {
 *   if (await isHoliday(ds)) skip(`${ds} is a holiday`);
 *   return load(ds);
 * });
 */
export function skip(reason = "skip() was called"): never {
  throw new SkipSignal(reason);
}

/**
 * Ends the task as failed, without a retry: for what no retry can mend.
 *
 * @example
 * if (response.status === 401) fatal("The API key is not valid any more.");
 */
export function fatal(message: string, options?: ErrorOptions): never {
  throw new FatalError(message, options);
}
