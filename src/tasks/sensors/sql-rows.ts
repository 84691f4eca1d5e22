import type { NotYet } from "../../core/sensors/not-yet.ts";
import { sqlTemplate } from "../../core/sql-template.ts";
import { callSite } from "../../sdk/call-site.ts";
import { defineSensor } from "../../sdk/define-sensor.ts";
import { locatedAt, nameOf, textOf, wholeNumberOf } from "../../sdk/option-values.ts";
import type { SensorOptions } from "../../sdk/sensor-options.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";
import type { SqlRow } from "../sql/connection.ts";
import { checkRows, type SqlRowsConfig } from "./check-rows.ts";
import { askedOf, HOSTED_POLL_TIMEOUT } from "./hosted.ts";
import { templateParts } from "./template-parts.ts";

/**
 * Where `sqlRows` asks, and how many rows it waits for.
 *
 * @example
 * sqlRows("select 1 from loads where day = {{ ds }}", { connection: "warehouse", count: 24, timeout: "4h" });
 */
export interface SqlRowsOptions extends SensorOptions {
  /** A connection of the project. */
  readonly connection: string;
  /** So many rows at least; 1 when absent. */
  readonly count?: number;
  /** No more rows than these are read and given on; 100 when absent. */
  readonly rowsMax?: number;
}

/**
 * Waits until a query returns rows; they are its value. Placeholders are bound as parameters.
 *
 * @example
 * task("loads_done", sqlRows("select * from loads where day = {{ ds }}", { connection: "warehouse" }));
 */
export function sqlRows<Row = SqlRow>(query: string, options: SqlRowsOptions): TaskKind<Row[]> {
  const at = callSite(sqlRows);
  const { connection, count = 1, rowsMax = 100, ...patience } = options;
  const text = textOf(query, "The query of sqlRows(…)", at);
  const config: SqlRowsConfig = {
    query: [
      ...locatedAt(at, () => {
        sqlTemplate(text, "$1");
        return templateParts(text);
      }),
    ],
    connection: nameOf(connection, "`connection` of sqlRows(…)", at),
    count: wholeNumberOf(count, "`count` of sqlRows(…)", at, { min: 1 }),
    rowsMax: wholeNumberOf(rowsMax, "`rowsMax` of sqlRows(…)", at, { min: 1 }),
  };
  return askedOf("host", makeSqlRows(config, { pollTimeout: HOSTED_POLL_TIMEOUT, ...patience }, at)) as TaskKind<Row[]>;
}

const makeSqlRows = defineSensor<SqlRowsConfig, Promise<SqlRow[] | NotYet>>({
  name: "sql-rows",
  connections: ({ connection }) => [connection],
  check: checkRows,
});
