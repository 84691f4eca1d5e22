/** More than a year, and an odd number of everything smaller, so that no part of a date stays what it was. */
const SHIFT_MS = ((400 * 24 + 1) * 60 + 1) * 61_001;

/**
 * Does something with a clock that is more than a year ahead: what comes out differently depends on the moment. For the
 * loader process, in which nothing else runs meanwhile.
 */
export function withShiftedDate<T>(work: () => T): T {
  const real = globalThis.Date;
  globalThis.Date = new Proxy(real, {
    construct: (target, args) =>
      args.length === 0 ? new target(target.now() + SHIFT_MS) : Reflect.construct(target, args),
    apply: (target) => new target(target.now() + SHIFT_MS).toString(),
    get: (target, key) => (key === "now" ? () => target.now() + SHIFT_MS : Reflect.get(target, key)),
  });
  try {
    return work();
  } finally {
    globalThis.Date = real;
  }
}
