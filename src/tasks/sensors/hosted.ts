import type { TaskKind } from "../../sdk/task-kind.ts";

/** A look of a ready-made sensor takes this long, unless its user says otherwise. */
export const HOSTED_POLL_TIMEOUT = "30s";

/** A ready-made sensor: the sensor host looks, or the store, by its configuration alone. */
export function askedOf<T>(by: "host" | "store", kind: TaskKind<T>): TaskKind<T> {
  const { work } = kind;
  if (work.via !== "sensor") throw new Error(`${kind.kind} is no sensor.`);
  const { poll, ...rest } = work;
  const look = by === "store" || poll === undefined ? {} : { poll };
  return { ...kind, work: { ...rest, ...look, sensor: { ...work.sensor, by } } };
}
