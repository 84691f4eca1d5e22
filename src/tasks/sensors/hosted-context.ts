import type { SensorContext } from "../../sdk/define-sensor.ts";

/** What ready-made sensors use of the context: the sensor host has no more. */
export type HostedContext<Config> = Pick<
  SensorContext<Config>,
  "config" | "memory" | "now" | "connections" | "projectDir" | "signal"
>;
