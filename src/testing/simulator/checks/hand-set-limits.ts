import type { SqliteConnection } from "../../../store/sqlite/connection.ts";

/** What people have set in place of what the project says, as the audit tells it. */
export class HandSetLimits {
  readonly #db: SqliteConnection;
  readonly #slots = new Map<string, number>();
  #key = 0;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  /** After a commit. */
  look(): void {
    for (const { key, details } of this.#db.all<AuditOnDisk>(SELECT_CHANGES, this.#key)) {
      this.#key = key;
      const { scope, slots } = JSON.parse(details) as { readonly scope: string; readonly slots: number | null };
      if (slots === null) this.#slots.delete(scope);
      else this.#slots.set(scope, slots);
    }
  }

  /** The limit in force. */
  of(scope: string, declared: number | undefined): number | undefined {
    return this.#slots.get(scope) ?? declared;
  }
}

interface AuditOnDisk {
  readonly key: number;
  readonly details: string;
}

const SELECT_CHANGES = "select key, details from audit where key > ? and action = 'set_limit' order by key";
