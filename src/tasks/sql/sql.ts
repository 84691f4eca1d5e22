import type { SourceLocation } from "../../core/manifest.ts";
import { callSite, definitionError } from "../../sdk/call-site.ts";
import { checkOptionNames, locatedAt, nameOf, textOf, wholeNumberOf } from "../../sdk/option-values.ts";
import { defineTaskKind, type TaskKind } from "../../sdk/task-kind.ts";
import { projectFile } from "../project-file.ts";
import { type Interpolated, isTemplateStrings, plainText, taggedText } from "../tagged-text.ts";
import type { SqlRow } from "./connection.ts";
import { ROWS_MAX } from "./open-connection.ts";
import type { PartitionTarget } from "./partition-bounds.ts";
import type { PartitionChange } from "./replace-partition.ts";
import {
  checkScript,
  runQuery,
  runReplacement,
  runStatements,
  type ScriptConfig,
  type SqlChange,
  type SqlScript,
} from "./run-script.ts";

/**
 * Where SQL runs.
 *
 * @example
 * sql.file("sql/load_revenue.sql", { connection: "warehouse" });
 */
export interface SqlOptions {
  /** A connection of the project. Without one, SQL runs in a DuckDB of the task's own, in memory: files in, files out. */
  readonly connection?: string;
}

/**
 * Where a query runs, and how many rows it may give.
 *
 * @example
 * sql.query("select * from top_ten", { connection: "warehouse", rowsMax: 10 });
 */
export interface SqlQueryOptions extends SqlOptions {
  /** More rows than these fail the task; 10,000 when absent. */
  readonly rowsMax?: number;
}

/**
 * Which rows of which table `sql.replacePartition` replaces, and by what: `select` or `file` holds one query.
 *
 * @example
 * sql.replacePartition({ connection: "warehouse", table: "daily_revenue", column: "day", file: "sql/revenue.sql" });
 */
export interface ReplacePartitionOptions extends PartitionTarget {
  readonly connection: string;
  readonly select?: string;
  /** Relative to the project folder. */
  readonly file?: string;
}

type Tag<T> = (strings: TemplateStringsArray, ...values: readonly Interpolated[]) => TaskKind<T>;

function sqlText(strings: TemplateStringsArray, ...values: readonly Interpolated[]): TaskKind<SqlChange>;
function sqlText(text: string, options?: SqlOptions): TaskKind<SqlChange>;
function sqlText(options: SqlOptions): Tag<SqlChange>;
function sqlText(
  first: TemplateStringsArray | string | SqlOptions,
  ...rest: readonly unknown[]
): TaskKind<SqlChange> | Tag<SqlChange> {
  const at = callSite(sqlText);
  if (isTemplateStrings(first)) return makeStatements({ script: taggedScript(first, rest, at) }, at);
  if (typeof first === "string") {
    return makeStatements({ script: checked(plainText(first), at), ...readOptions(rest[0] ?? {}, "sql(…)", at) }, at);
  }
  const options = readOptions(first, "sql(…)", at);
  return function tag(strings, ...values) {
    const place = callSite(tag);
    return makeStatements({ script: taggedScript(strings, values, place), ...options }, place);
  };
}

function sqlFile(path: string, options: SqlOptions = {}): TaskKind<SqlChange> {
  const at = callSite(sqlFile);
  return makeStatements({ script: fileScript(path, at), ...readOptions(options, "sql.file(…)", at) }, at);
}

function sqlQuery<Row = SqlRow>(strings: TemplateStringsArray, ...values: readonly Interpolated[]): TaskKind<Row[]>;
function sqlQuery<Row = SqlRow>(text: string, options?: SqlQueryOptions): TaskKind<Row[]>;
function sqlQuery<Row = SqlRow>(options: SqlQueryOptions): Tag<Row[]>;
function sqlQuery(
  first: TemplateStringsArray | string | SqlQueryOptions,
  ...rest: readonly unknown[]
): TaskKind<SqlRow[]> | Tag<SqlRow[]> {
  const at = callSite(sqlQuery);
  if (isTemplateStrings(first)) return makeQuery({ script: taggedScript(first, rest, at), rowsMax: ROWS_MAX }, at);
  if (typeof first === "string") {
    return makeQuery({ script: checked(plainText(first), at), ...readQueryOptions(rest[0] ?? {}, at) }, at);
  }
  const options = readQueryOptions(first, at);
  return function tag(strings, ...values) {
    const place = callSite(tag);
    return makeQuery({ script: taggedScript(strings, values, place), ...options }, place);
  };
}

function replacePartition(options: ReplacePartitionOptions): TaskKind<PartitionChange> {
  const at = callSite(replacePartition);
  const what = "sql.replacePartition(…)";
  checkOptionNames<ReplacePartitionOptions>(options, REPLACE_OPTION_NAMES, what, at);
  const { connection, select, file, table, column, type } = options;
  if ((select === undefined) === (file === undefined)) {
    const hint = 'Write select: "select … from …", or file: "sql/load.sql".';
    throw definitionError(`${what} needs either \`select\` or \`file\`.`, at, hint);
  }
  if (type !== undefined && type !== "date" && type !== "timestamp") {
    throw definitionError(`\`type\` of ${what} is ${String(type)}.`, at, 'Write "date" or "timestamp".');
  }
  const config = {
    script:
      file === undefined ? checked(plainText(textOf(select, `\`select\` of ${what}`, at)), at) : fileScript(file, at),
    connection: nameOf(connection, `\`connection\` of ${what}`, at),
    target: {
      table: textOf(table, `\`table\` of ${what}`, at),
      column: textOf(column, `\`column\` of ${what}`, at),
      ...(type === undefined ? {} : { type }),
    },
  };
  return makeReplacement(config, at);
}

/**
 * Runs SQL statements through a connection: DuckDB, SQLite or PostgreSQL, as its URL says. A placeholder, `{{ ds }}` or
 * `${value}`, is bound as a parameter and never becomes part of the statement; an identifier is written
 * `{{ id(params.table) }}`. Several statements are one transaction. Placeholders also know the task's inputs:
 * `{{ input.orders.file }}`.
 *
 * `sql.file` runs a file of the project, as it was when the run began. `sql.query` gives the rows of one query.
 * `sql.replacePartition` deletes the rows of the run's interval and inserts those of a query in one transaction, so that
 * the same run done twice leaves the same rows.
 *
 * @example
 * task("clean", sql({ connection: "warehouse" })`delete from events where day < {{ ds }}`);
 * task("load", sql.file("sql/load_revenue.sql", { connection: "warehouse" }));
 * task("top", sql.query<{ name: string; total: number }>("select name, total from top_ten", { connection: "warehouse" }));
 * task(
 *   "load_daily",
 *   sql.replacePartition({
 *     connection: "warehouse",
 *     table: "daily_revenue",
 *     column: "day",
 *     select: "select day, sum(amount) as revenue from orders where day = {{ ds }} group by day",
 *   }),
 * );
 */
export const sql = Object.assign(sqlText, { file: sqlFile, query: sqlQuery, replacePartition });

const REPLACE_OPTION_NAMES = ["connection", "table", "column", "type", "select", "file"] as const;

const connections = ({ connection }: ScriptConfig): readonly string[] => (connection === undefined ? [] : [connection]);
const makeStatements = defineTaskKind({ name: "sql", connections, run: runStatements });
const makeQuery = defineTaskKind({ name: "sql", connections, run: runQuery });
const makeReplacement = defineTaskKind({ name: "sql", connections, run: runReplacement });

function taggedScript(strings: TemplateStringsArray, values: readonly unknown[], at: SourceLocation): SqlScript {
  return checked(
    locatedAt(at, () => taggedText(strings, values)),
    at,
  );
}

function fileScript(path: string, at: SourceLocation): SqlScript {
  const file = projectFile(path, at);
  return checked({ ...plainText(file.text), file: file.path }, at);
}

function checked(script: SqlScript, at: SourceLocation): SqlScript {
  locatedAt(at, () => checkScript(script));
  return script;
}

function readOptions(given: unknown, what: string, at: SourceLocation): SqlOptions {
  checkOptionNames<SqlOptions>(given, ["connection"], what, at);
  if (given.connection === undefined) return {};
  return { connection: nameOf(given.connection, `\`connection\` of ${what}`, at) };
}

function readQueryOptions(given: unknown, at: SourceLocation): SqlOptions & { readonly rowsMax: number } {
  const what = "sql.query(…)";
  checkOptionNames<SqlQueryOptions>(given, ["connection", "rowsMax"], what, at);
  const { rowsMax = ROWS_MAX, ...options } = given;
  return {
    ...readOptions(options, what, at),
    rowsMax: wholeNumberOf(rowsMax, `\`rowsMax\` of ${what}`, at, { min: 1 }),
  };
}
