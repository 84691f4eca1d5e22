import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bindSql, type SqlDialect, sqlTemplate } from "./sql-template.ts";

const SCOPE = {
  ds: "2024-02-29",
  params: {
    region: "eu",
    limit: 10,
    tags: ["a"],
    nothing: null,
    table: "sales.orders",
    odd: 'we"ird',
    bad: "a\u0000b",
  },
};

test.each<[SqlDialect, string, string, readonly unknown[]]>([
  ["$1", "select {{ ds }}, {{ params.limit }}", "select $1, $2", ["2024-02-29", 10]],
  ["?", "select {{ ds }}, {{ ds }}", "select ?, ?", ["2024-02-29", "2024-02-29"]],
  ["$1", "where day = '{{ ds }}' and x = ''", "where day = $1 and x = ''", ["2024-02-29"]],
  ["$1", "select {{ ds }}::date", "select $1::date", ["2024-02-29"]],
  ["$1", "select {{ params.tags }}, {{ params.nothing }}", "select $1, $2", ['["a"]', null]],
  ["$1", "from {{ id(params.table) }} t", 'from "sales"."orders" t', []],
  ["$1", "from {{ id(params.odd) }}", 'from "we""ird"', []],
  ["$1", "from s.{{ id(params.region) }}", 'from s."eu"', []],
  ["?", "-- day {{ nope }}\nselect {{ ds }}", "-- day {{ nope }}\nselect ?", ["2024-02-29"]],
  ["$1", "/* a /* {{ nope }} */ ' */ select {{ ds }}", "/* a /* {{ nope }} */ ' */ select $1", ["2024-02-29"]],
  ["?", "/* a /* b */ select {{ ds }}", "/* a /* b */ select ?", ["2024-02-29"]],
  ["$1", "select 'it''s', E'\\'', \"a'b\", {{ ds }}", "select 'it''s', E'\\'', \"a'b\", $1", ["2024-02-29"]],
  ["$1", "select $$it's$$, $x$ $$ $x$, {{ ds }}", "select $$it's$$, $x$ $$ $x$, $1", ["2024-02-29"]],
  ["$1", "select a ? 'b', {{ ds }}", "select a ? 'b', $1", ["2024-02-29"]],
  ["$1", "select '{{ '{{' }}', {{ ds }}", "select '{{', $1", ["2024-02-29"]],
])("%s: %j is %j", (dialect, sql, text, values) => {
  expect(bindSql(sqlTemplate(sql, dialect), SCOPE)).toEqual([{ text, values }]);
});

test("statements end at a semicolon that is code, and each has parameters of its own", () => {
  const sql = "delete from t where day = {{ ds }};\n-- done; really\ninsert into t values ({{ ds }}, ';');;\n-- end";
  expect(bindSql(sqlTemplate(sql, "$1"), SCOPE)).toEqual([
    { text: "delete from t where day = $1", values: ["2024-02-29"] },
    { text: "-- done; really\ninsert into t values ($1, ';')", values: ["2024-02-29"] },
  ]);
});

test("the body of a trigger holds semicolons of its own, a transaction does not", () => {
  const trigger =
    "create trigger x after insert on t begin update t set a = case when 1 then 2 end; delete from u; end";
  const texts = bindSql(sqlTemplate(`begin; ${trigger}; create table p (begin text); commit`, "?"), SCOPE);
  expect(texts.map(({ text }) => text)).toEqual(["begin", trigger, "create table p (begin text)", "commit"]);
});

test.each<[SqlDialect, string, string, string]>([
  ["$1", "where name = 'x {{ ds }}'", "part of a string", "'text' || {{ ds }}"],
  ["$1", "where name = '{{ ds }} x'", "part of a string", "||"],
  ["$1", "where name = '{{ ds }}{{ ds }}'", "part of a string", "||"],
  ["$1", "where name = '{{ ds }}''s'", "part of a string", "||"],
  ["$1", 'select "{{ ds }}"', "quoted name", "{{ id(ds) }}"],
  ["?", "select `{{ ds }}`", "quoted name", "{{ id(ds) }}"],
  ["$1", "select '{{ id(ds) }}'", "identifier inside quotes", "quotes"],
  ["$1", "do $$ begin perform {{ ds }}; end $$", "dollar-quoted", "argument"],
  ["$1", "select E'{{ ds }}'", "prefix", "prefix"],
  ["$1", "where day = DATE '{{ ds }}'", "after DATE", "CAST({{ ds }} AS DATE)"],
  ["$1", "where day = timestamp {{ ds }}", "after TIMESTAMP", "CAST({{ ds }} AS TIMESTAMP)"],
  ["$1", "from events_{{ ds }}", "part of a word", "id(ds)"],
  ["$1", "from {{ id(ds) }}_old", "part of a word", "whole name"],
  ["$1", "select $1, {{ ds }}", "parameter $1 of its own", "placeholder"],
  ["?", "select ?, {{ ds }}", "parameter ? of its own", "placeholder"],
])("%s: %j is refused when it is read: %s", (dialect, sql, fault, hint) => {
  expect(() => sqlTemplate(`-- load\n${sql}`, dialect, "load.sql")).toThrow(
    expect.objectContaining({
      code: "invalid_template",
      message: expect.stringContaining(fault),
      hint: expect.stringContaining(hint),
      location: expect.objectContaining({ file: "load.sql", line: 2 }),
    }),
  );
});

test.each(["{{ id(params.limit) }}", "{{ id(params.bad) }}", "{{ id(params.nothing) }}"])(
  "%s is refused when it is bound: an identifier is a name",
  (sql) => {
    expect(() => bindSql(sqlTemplate(`select ${sql}`, "$1"), SCOPE)).toThrow("no identifier");
  },
);

test("S12: whatever a value holds, a real database takes it as data", () => {
  const database = new DatabaseSync(":memory:");
  database.exec("create table t (id integer primary key, a text)");
  const [insert] = bindTexts("insert into t (a) values ('{{ value }}')");
  const [select] = bindTexts("select a from t where a = {{ value }} and a = '{{ value }}' -- {{ value }}");
  const sly = fc.constantFrom("'", "''", "--", ";", "drop table t", "\\", "$1", "?", "{{ x }}", "/*", '"');
  fc.assert(
    fc.property(fc.array(fc.oneof(sly, fc.string()), { maxLength: 6 }), (parts) => {
      const value = parts.join("").replaceAll("\0", "").toWellFormed();
      database.exec("delete from t");
      database.prepare(insert.text).run(...insert.values(value));
      expect(database.prepare(select.text).get(...select.values(value))).toEqual({ a: value });
    }),
    { numRuns: 300 },
  );
  database.close();
});

test("S12: whatever an identifier holds, a real database takes it as a name", () => {
  const database = new DatabaseSync(":memory:");
  const names = fc
    .string({ minLength: 1, maxLength: 20 })
    .filter((name) => !/[.\p{Cc}]/u.test(name) && name.isWellFormed());
  fc.assert(
    fc.property(names, (name) => {
      const [statement] = bindSql(sqlTemplate("select 1 as {{ id(name) }}", "?"), { name });
      expect(database.prepare(statement?.text ?? "").get()).toEqual({ [name]: 1 });
    }),
  );
  database.close();
});

function bindTexts(sql: string) {
  const template = sqlTemplate(sql, "?");
  const [statement] = bindSql(template, { value: "" });
  const values = (value: string) => {
    return (bindSql(template, { value })[0]?.values ?? []).map((bound) => (typeof bound === "string" ? bound : null));
  };
  return [{ text: statement?.text ?? "", values }] as const;
}
