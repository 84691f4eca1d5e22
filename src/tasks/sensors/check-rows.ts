import type { Json } from "../../core/json.ts";
import type { NotYet } from "../../core/sensors/not-yet.ts";
import { bindSql, sqlTemplate } from "../../core/sql-template.ts";
import { notYet } from "../../sdk/not-yet.ts";
import { fatal } from "../../sdk/signals.ts";
import { type SqlRow, TooManyRows } from "../sql/connection.ts";
import { openDatabase } from "../sql/open-connection.ts";
import type { HostedContext } from "./hosted-context.ts";
import { namesIn, templateText } from "./template-parts.ts";

/** What is known of it when the pipeline file is loaded. */
export type SqlRowsConfig = {
  readonly query: (string | { readonly name: string; readonly value: Json; readonly id?: true })[];
  readonly connection: string;
  readonly count: number;
  readonly rowsMax: number;
};

export async function checkRows(context: HostedContext<SqlRowsConfig>): Promise<SqlRow[] | NotYet> {
  const { query, connection, count, rowsMax } = context.config;
  const database = await openDatabase(context, connection);
  try {
    const template = sqlTemplate(templateText(query), database.dialect);
    const [statement, ...others] = bindSql(template, namesIn(query));
    if (statement === undefined || others.length > 0) {
      return fatal(
        `The query of sqlRows(…) holds ${others.length + Number(statement !== undefined)} statements in place of one.`,
      );
    }
    const rows = await database.rows(statement.text, statement.values, Math.max(count, rowsMax));
    return rows.length >= count ? [...rows] : notYet(`${rows.length} of ${count} rows`);
  } catch (error) {
    if (!(error instanceof TooManyRows)) throw error;
    return fatal(
      `The query gives more than ${Math.max(count, rowsMax)} rows: let it give fewer, or raise \`rowsMax\`.`,
    );
  } finally {
    await database.close();
  }
}
