import type { NotYet } from "../../core/sensors/not-yet.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { defineSensor } from "../../sdk/define-sensor.ts";
import { describe, nameOf, wholeNumberOf } from "../../sdk/option-values.ts";
import type { SensorOptions } from "../../sdk/sensor-options.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";
import { checkObjects, type FoundObject, type S3ObjectConfig } from "./check-objects.ts";
import { askedOf, HOSTED_POLL_TIMEOUT } from "./hosted.ts";

/**
 * Where `s3Object` looks, beside the patience of any sensor.
 *
 * @example
 * s3Object("s3://lake/raw/{{ ds }}/*.parquet", { connection: "lake", count: 24 });
 */
export interface S3ObjectOptions extends SensorOptions {
  /**
   * A connection of the project: `s3://KEY:SECRET@host:port?region=eu-west-1`, with `&tls=off` for plain HTTP; without a
   * host Amazon's. Without a connection the environment says who asks, as for Amazon's own tools.
   */
  readonly connection?: string;
  /** So many objects at least; 1 when absent. */
  readonly count?: number;
}

/**
 * Waits until an object is in S3 or a store that speaks its language, or objects whose keys match a pattern: `*` and `?`
 * within a part of the key, `**` for several parts. Needs the package `@aws-sdk/client-s3` in the project. Its value is
 * the list of objects, in the order of their keys.
 *
 * @example
 * const parts = task("parts", s3Object("s3://lake/raw/{{ ds }}/*.parquet", { connection: "lake", timeout: "6h" }));
 * task("load", { map: parts, label: "key" }, ({ item }) => load(item.url));
 */
export function s3Object(url: string, options: S3ObjectOptions = {}): TaskKind<FoundObject[]> {
  const at = callSite(s3Object);
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(typeof url === "string" ? url : "") ?? [];
  if (bucket === undefined || key === undefined) {
    const hint = 'Write it with its bucket: s3Object("s3://lake/raw/{{ ds }}.csv").';
    throw definitionError(`The address of s3Object(…) is ${describe(url)}.`, at, hint);
  }
  const { connection, count = 1, ...patience } = options;
  const config: S3ObjectConfig = {
    ...{ bucket, key, count: wholeNumberOf(count, "`count` of s3Object(…)", at, { min: 1 }) },
    ...(connection === undefined ? {} : { connection: nameOf(connection, "`connection` of s3Object(…)", at) }),
  };
  return askedOf("host", makeS3Object(config, { pollTimeout: HOSTED_POLL_TIMEOUT, ...patience }, at));
}

const makeS3Object = defineSensor<S3ObjectConfig, Promise<FoundObject[] | NotYet>>({
  name: "s3-object",
  connections: ({ connection }) => (connection === undefined ? [] : [connection]),
  check: checkObjects,
});
