import type { CacheRow } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Unless it has expired. */
export function selectCacheEntry(
  db: PostgresConnection,
  { project, key, now }: { readonly project: string; readonly key: string; readonly now: number },
): Promise<CacheRow | undefined> {
  return db.get<CacheRow>(SELECT, project, key, now);
}

const SELECT = {
  name: "select_cache_entry",
  text: `
    select run_id as "runId", created_at as "createdAt", json, blob_hash as "blobHash", blob_bytes as "blobBytes"
    from cache_entry where project = $1 and key = $2 and (expires_at is null or expires_at > $3)`,
};
