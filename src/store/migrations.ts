import { join } from "node:path";
import { BatutaError } from "../core/problem.ts";
import { localFiles } from "../ports/files.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * Reads the numbered files of a folder in order. They are never edited once released, only followed by others; the
 * first line of each says whether it breaks running workers.
 */
export function readMigrations(folder: string): readonly Migration[] {
  const migrations = localFiles
    .list(folder)
    .filter((entry) => entry.name.endsWith(".sql"))
    .map((entry) => readMigration(folder, entry.name));
  migrations.forEach((migration, index) => {
    if (migration.number !== index + 1) throw new Error(`Migration ${index + 1} is missing in ${folder}`);
  });
  return migrations;
}

/** Those a database at version `current` still lacks. Refuses a database that a newer Batuta has moved on. */
export function missingMigrations(all: readonly Migration[], current: number, where: string): readonly Migration[] {
  if (current > all.length) {
    throw new BatutaError("conflict", `The database ${where} was made by a newer version of Batuta.`, {
      hint: `It is at schema version ${current}, this Batuta knows ${all.length}: upgrade Batuta (npm install batuta@latest).`,
    });
  }
  return all.slice(current);
}

function readMigration(folder: string, file: string): Migration {
  const sql = localFiles.readText(join(folder, file));
  const parts = /^(\d{4})_(\w+)\.sql$/.exec(file);
  if (parts === null) throw new Error(`${file} is no name for a migration: 0001_what_it_does.sql`);
  if (!/^-- Breaks running workers: (yes|no)\b/.test(sql)) {
    throw new Error(`The first line of ${file} must say "-- Breaks running workers: yes" or "no"`);
  }
  return { number: Number(parts[1]), name: parts[2] ?? "", sql };
}
