import type { NotYet } from "../../core/sensors/not-yet.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { defineSensor } from "../../sdk/define-sensor.ts";
import { describe, durationOf, wholeNumberOf } from "../../sdk/option-values.ts";
import type { SensorOptions } from "../../sdk/sensor-options.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";
import { checkFiles, type FileConfig, type FoundFile } from "./check-files.ts";
import { askedOf, HOSTED_POLL_TIMEOUT } from "./hosted.ts";

/**
 * What `file` waits for, beside the patience of any sensor.
 *
 * @example
 * task("orders", file("in/{{ ds }}/*.csv", { stableFor: "30s", count: 3, timeout: "6h" }));
 */
export interface FileOptions extends SensorOptions {
  /** So long nothing of them may have changed; `"5s"` when absent, `0` does not look. */
  readonly stableFor?: string | number;
  /** So many files at least; 1 when absent. */
  readonly count?: number;
}

/**
 * Waits until a file is there and has stopped growing, or files that match a pattern: `*` and `?` within a name, `**`
 * for folders, `{a,b}` for either. Its value is the list of files, in the order of their paths.
 *
 * @example
 * const orders = task("orders", file("in/{{ ds }}/*.csv", { timeout: "6h" }));
 * task("load", { map: orders, label: "path" }, ({ item }) => load(item.path));
 */
export function file(path: string, options: FileOptions = {}): TaskKind<FoundFile[]> {
  const at = callSite(file);
  if (typeof path !== "string" || path === "") {
    throw definitionError(`The path of file(…) is ${describe(path)}.`, at, 'Write it: file("in/{{ ds }}.csv").');
  }
  const { stableFor = "5s", count = 1, ...patience } = options;
  const config = {
    path,
    stableForMs: durationOf(stableFor, "`stableFor` of file(…)", at),
    count: wholeNumberOf(count, "`count` of file(…)", at, { min: 1 }),
  };
  return askedOf("host", makeFile(config, { pollTimeout: HOSTED_POLL_TIMEOUT, ...patience }, at));
}

const makeFile = defineSensor<FileConfig, Promise<FoundFile[] | NotYet>>({ name: "file", check: checkFiles });
