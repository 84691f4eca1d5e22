import type { ProjectManifest } from "../../core/manifest.ts";
import type { VersionRecord } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

export function insertVersion(db: PostgresConnection, version: VersionRecord, now: number): void {
  db.send(INSERT, version.hash, version.project, JSON.stringify(version.manifest), now);
}

export async function selectVersion(db: PostgresConnection, hash: string): Promise<VersionRecord | undefined> {
  const row = await db.get<{ project: string; manifest: string }>(SELECT, hash);
  if (row === undefined) return undefined;
  return { hash, project: row.project, manifest: JSON.parse(row.manifest) as ProjectManifest };
}

const INSERT = {
  name: "insert_version",
  text: `
    insert into version (hash, project, manifest, saved_at) values ($1, $2, $3, $4)
    on conflict (hash) do nothing`,
};

const SELECT = { name: "select_version", text: "select project, manifest from version where hash = $1" };
