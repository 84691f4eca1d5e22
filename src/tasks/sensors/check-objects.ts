import { matchesGlob } from "node:path";
import type { NotYet } from "../../core/sensors/not-yet.ts";
import { notYet } from "../../sdk/not-yet.ts";
import { fatal } from "../../sdk/signals.ts";
import type { HostedContext } from "./hosted-context.ts";
import { type ListedObject, openS3, type S3 } from "./s3.ts";

/** What is known of it when the pipeline file is loaded. */
export type S3ObjectConfig = {
  readonly bucket: string;
  readonly key: string;
  readonly count: number;
  readonly connection?: string;
};

/**
 * An object that was found.
 *
 * @example
 * task("load", { map: parts }, ({ item }: { item: FoundObject }) => load(item.url, item.bytes));
 */
export interface FoundObject {
  /** `s3://bucket/key` */
  readonly url: string;
  readonly key: string;
  readonly bytes: number;
  /** ISO 8601 in UTC. */
  readonly modifiedAt: string;
}

/** Of a listing no more is read: a pattern that begins with a folder of its own reads little. */
const PAGES_MAX = 20;

export async function checkObjects(context: HostedContext<S3ObjectConfig>): Promise<FoundObject[] | NotYet> {
  const { bucket, key, count } = context.config;
  const s3 = await openS3(context, context.config.connection);
  try {
    const listed = await objectsAt(s3, context);
    if (listed.length < count) {
      return notYet(count === 1 ? `nothing at s3://${bucket}/${key}` : `${listed.length} of ${count} objects`);
    }
    return listed
      .map(({ key: found, bytes, modifiedAt }) => ({ url: `s3://${bucket}/${found}`, key: found, bytes, modifiedAt }))
      .sort((one, other) => (one.key < other.key ? -1 : 1));
  } finally {
    s3.close();
  }
}

async function objectsAt(s3: S3, { config, signal }: HostedContext<S3ObjectConfig>): Promise<readonly ListedObject[]> {
  const { bucket, key } = config;
  const magic = key.search(MAGIC);
  const prefix = magic < 0 ? key : key.slice(0, magic);
  const found: ListedObject[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { objects, next } = await s3.list({ bucket, prefix, after, signal });
    found.push(...objects.filter((object) => (magic < 0 ? object.key === key : matchesGlob(object.key, key))));
    // The object itself is the first that begins with its key.
    if (next === undefined || (magic < 0 && found.length > 0)) return found;
    after = next;
  }
  return fatal(
    `More than ${PAGES_MAX * 1_000} objects begin with "${prefix}": let the key begin with more of its folder.`,
  );
}

const MAGIC = /[*?{[]/;
