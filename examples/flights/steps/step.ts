import type { TaskContext } from "batuta";
import { z } from "zod";

/** The parameters of the pipeline `flights`. */
export const flightParams = z.object({
  /** Where staging files, reports and messages go; relative to the project. The warehouse is a connection. */
  folder: z.string().min(1).default("data"),
  /** Off for a backfill of half a year, which needs no 181 reports. */
  publish: z.boolean().default(true),
  /** `flaky` cuts the download of the archive short, twice. */
  trouble: z.enum(["none", "flaky"]).default("none"),
});

export type FlightParams = z.infer<typeof flightParams>;

/** What the steps take of a task's context: a test can build one by hand. */
export type Step<Input = unknown> = Pick<
  TaskContext<Input, FlightParams>,
  "input" | "params" | "ds" | "attempt" | "projectDir" | "log"
>;
