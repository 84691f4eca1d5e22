import type { Json } from "../../core/json.ts";
import { type BoundStatement, bindSql, type SqlDialect, sqlTemplate } from "../../core/sql-template.ts";
import { parseTaskTemplate } from "../../core/task-template.ts";
import type { TaskContext } from "../../sdk/task-context.ts";
import type { TaggedText } from "../tagged-text.ts";
import { templateNames } from "../template-facts.ts";
import { type Database, inTransaction, type SqlRow } from "./connection.ts";
import { openDatabase } from "./open-connection.ts";
import type { PartitionTarget } from "./partition-bounds.ts";
import { type PartitionChange, replaceWithQuery } from "./replace-partition.ts";

/** SQL text with placeholders, and the file of the project that it comes from. */
export interface SqlScript extends TaggedText {
  readonly file?: string;
}

export interface ScriptConfig {
  readonly script: SqlScript;
  readonly connection?: string;
}

/**
 * The value of SQL that is no query: rows changed by all of its statements.
 *
 * @example
 * task("report", { input: { clean } }, ({ input }) => input.clean.rowsChanged);
 */
export interface SqlChange {
  readonly rowsChanged: number;
}

/** Throws `invalid_template` for a placeholder that no database could bind; known when the file is loaded. */
export function checkScript(script: SqlScript): void {
  parseTaskTemplate(script.text, { file: script.file, known: ["input", ...Object.keys(script.values)] });
  sqlTemplate(script.text, "$1", script.file);
}

/** Runs every statement of a script; several are one transaction, unless the script makes its own. */
export async function runStatements(context: TaskContext, { script, connection }: ScriptConfig): Promise<SqlChange> {
  return withDatabase(context, connection, async (database) => {
    const statements = boundStatements(context, script, database.dialect);
    const run = async (): Promise<number> => {
      let rowsChanged = 0;
      for (const { text, values } of statements) rowsChanged += await database.run(text, values);
      return rowsChanged;
    };
    const alone = statements.length < 2 || statements.some(({ text }) => OWN_TRANSACTION.test(text));
    const rowsChanged = alone ? await run() : await inTransaction(database, run);
    const count = statements.length === 1 ? "1 statement" : `${statements.length} statements`;
    context.log.info(`${count} changed ${rowsChanged} rows`);
    return { rowsChanged };
  });
}

/** Rows of the one query that a script holds. */
export async function runQuery(
  context: TaskContext,
  { script, connection, rowsMax }: ScriptConfig & { readonly rowsMax: number },
): Promise<SqlRow[]> {
  return withDatabase(context, connection, async (database) => {
    const { text, values } = onlyStatement(context, script, database.dialect);
    return [...(await database.rows(text, values, rowsMax))];
  });
}

/** Puts the rows of a script's query in place of those of the run's interval. */
export async function runReplacement(
  context: TaskContext,
  { script, connection, target }: ScriptConfig & { readonly target: PartitionTarget },
): Promise<PartitionChange> {
  return withDatabase(context, connection, async (database) => {
    const change = await replaceWithQuery(database, target, onlyStatement(context, script, database.dialect), context);
    context.log.info(`${target.table}: ${change.deleted} rows deleted, ${change.inserted} inserted`);
    return change;
  });
}

const OWN_TRANSACTION = /^\s*(?:begin|start\s+transaction|commit|rollback)\b/i;

async function withDatabase<T>(
  context: TaskContext,
  connection: string | undefined,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(context, connection);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

function onlyStatement(context: TaskContext, script: SqlScript, dialect: SqlDialect): BoundStatement {
  const [statement, ...others] = boundStatements(context, script, dialect);
  if (statement !== undefined && others.length === 0) return statement;
  const where = script.file === undefined ? "The SQL" : script.file;
  throw new Error(
    `${where} holds ${others.length + Number(statement !== undefined)} statements in place of one query.`,
  );
}

function boundStatements(
  context: TaskContext,
  { text, file, values }: SqlScript,
  dialect: SqlDialect,
): readonly BoundStatement[] {
  const names: Readonly<Record<string, Json>> = values;
  return bindSql(sqlTemplate(text, dialect, file), templateNames(context, names));
}
