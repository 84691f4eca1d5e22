import type { ProjectManifest } from "../../core/manifest.ts";
import type { VersionRecord } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

export function insertVersion(db: SqliteConnection, version: VersionRecord, now: number): void {
  db.run(INSERT, version.hash, version.project, JSON.stringify(version.manifest), now);
}

export function selectVersion(db: SqliteConnection, hash: string): VersionRecord | undefined {
  const row = db.get<{ project: string; manifest: string }>(SELECT, hash);
  if (row === undefined) return undefined;
  return { hash, project: row.project, manifest: JSON.parse(row.manifest) as ProjectManifest };
}

const INSERT = `
  insert into version (hash, project, manifest, saved_at) values (?, ?, ?, ?)
  on conflict (hash) do nothing`;

const SELECT = "select project, manifest from version where hash = ?";
