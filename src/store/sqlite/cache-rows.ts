import type { CacheInsert } from "../changes.ts";
import type { CacheRow } from "../rows.ts";
import type { SqliteConnection } from "./connection.ts";

export function insertCacheEntry(db: SqliteConnection, entry: CacheInsert, now: number): void {
  const { project, key, runId, taskRunKey, value, expiresAt } = entry;
  const json = value?.kind === "inline" ? value.json : null;
  const [hash, bytes] = value?.kind === "blob" ? [value.hash, value.bytes] : [null, null];
  db.run(INSERT, project, key, runId, taskRunKey, json, hash, bytes, now, expiresAt);
}

/** Those that expired first. */
export function deleteExpiredResults(db: SqliteConnection, now: number, limit: number): void {
  db.run(DELETE_EXPIRED, now, limit);
}

/** Unless it has expired. */
export function selectCacheEntry(
  db: SqliteConnection,
  { project, key, now }: { readonly project: string; readonly key: string; readonly now: number },
): CacheRow | undefined {
  return db.get<CacheRow>(SELECT, project, key, now);
}

const INSERT = `
  insert into cache_entry (project, key, run_id, task_run_key, json, blob_hash, blob_bytes, created_at, expires_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (project, key) do update
    set run_id = excluded.run_id, task_run_key = excluded.task_run_key, json = excluded.json,
      blob_hash = excluded.blob_hash, blob_bytes = excluded.blob_bytes, created_at = excluded.created_at,
      expires_at = excluded.expires_at`;

const DELETE_EXPIRED = `
  delete from cache_entry
  where rowid in (select rowid from cache_entry where expires_at <= ? order by expires_at limit ?)`;

const SELECT = `
  select run_id as runId, created_at as createdAt, json, blob_hash as blobHash, blob_bytes as blobBytes
  from cache_entry where project = ? and key = ? and (expires_at is null or expires_at > ?)`;
