import { BatutaError } from "../../core/problem.ts";
import type { BoundStatement } from "../../core/sql-template.ts";
import { type Database, inTransaction, quotedColumn, quotedName, type SqlValue } from "./connection.ts";
import { insertRows } from "./insert-rows.ts";
import {
  type IntervalContext,
  type PartitionBounds,
  type PartitionTarget,
  partitionBounds,
} from "./partition-bounds.ts";

/**
 * What a load has changed; the value that dependants receive.
 *
 * @example
 * const { deleted, inserted }: PartitionChange = await warehouse.replacePartition({ table, column, rows });
 */
export interface PartitionChange {
  readonly deleted: number;
  readonly inserted: number;
}

/** Deletes the rows of the run's interval and inserts those of a query, in one transaction. */
export async function replaceWithQuery(
  database: Database,
  target: PartitionTarget,
  select: BoundStatement,
  context: IntervalContext,
): Promise<PartitionChange> {
  return replace(database, target, context, () =>
    database.run(`insert into ${quotedName(target.table)} ${select.text}`, select.values),
  );
}

/** Deletes the rows of the run's interval and inserts the given ones, in one transaction. */
export async function replaceWithRows(
  database: Database,
  target: PartitionTarget,
  rows: Iterable<Readonly<Record<string, unknown>>>,
  context: IntervalContext,
): Promise<PartitionChange> {
  return replace(database, target, context, () => insertRows(database, target.table, rows));
}

async function replace(
  database: Database,
  target: PartitionTarget,
  context: IntervalContext,
  insert: () => Promise<number>,
): Promise<PartitionChange> {
  const bounds = await partitionBounds(database, target, context);
  const partition = condition(database, target, bounds);
  const table = quotedName(target.table);
  return inTransaction(database, async () => {
    const deleted = await database.run(`delete from ${table} where ${partition.text}`, partition.values);
    const inserted = await insert();
    await checkInside(database, target, { partition, inserted, bounds });
    return { deleted, inserted };
  });
}

interface Insertion {
  readonly partition: Condition;
  readonly inserted: number;
  readonly bounds: PartitionBounds;
}

/** A row outside of the interval would be there twice after the next try, for nothing deletes it. */
async function checkInside(database: Database, target: PartitionTarget, insertion: Insertion): Promise<void> {
  const { partition, inserted, bounds } = insertion;
  const count = `select count(*) as inside from ${quotedName(target.table)} where ${partition.text}`;
  const [row] = await database.rows(count, partition.values, 1);
  const outside = inserted - Number(row?.inside ?? 0);
  if (outside === 0) return;
  const which = `${outside} of ${inserted} rows have a ${target.column} outside of the run's interval`;
  throw new BatutaError("conflict", `${which}, from ${bounds.start} up to ${bounds.end}. Nothing was loaded.`, {
    hint: "Select the rows of the interval alone; outside of it a second try would add them a second time.",
  });
}

interface Condition {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

function condition(database: Database, { column }: PartitionTarget, bounds: PartitionBounds): Condition {
  const name = quotedColumn(column);
  const values = [bounds.start, bounds.end];
  if (database.kind === "sqlite") {
    // SQLite keeps moments as text of several forms, which only its own functions compare rightly.
    const moment =
      bounds.type === "date" ? (of: string) => `date(${of})` : (of: string) => `unixepoch(${of}, 'subsec')`;
    return { text: `${moment(name)} >= ${moment("?")} and ${moment(name)} < ${moment("?")}`, values };
  }
  const type = bounds.type === "timestamptz" ? "timestamp with time zone" : bounds.type;
  return { text: `${name} >= cast($1 as ${type}) and ${name} < cast($2 as ${type})`, values };
}
