import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { Json } from "../../core/json.ts";
import { renderParams } from "../../core/render-params.ts";
import type { TaskKind } from "../../sdk/task-kind.ts";
import { file } from "./file.ts";
import { hostedSensors } from "./hosted-sensors.ts";
import { httpOk } from "./http-ok.ts";
import { clientSettings } from "./s3.ts";
import { s3Object } from "./s3-object.ts";
import { sqlRows } from "./sql-rows.ts";

const DAY = { ds: "2026-01-02", params: { id: "a/b?c", table: "loads" } };

test("file: waits until there are as many as asked for that have looked the same for as long as asked for", async () => {
  const projectDir = folder();
  const orders = file("in/{{ ds }}/*.csv", { count: 2, stableFor: "10s" });
  expect(await look(orders, { projectDir })).toMatchObject({ seen: "0 files of 2 at in/2026-01-02/*.csv" });
  const put = (name: string, text: string): void => {
    mkdirSync(join(projectDir, "in/2026-01-02/deep"), { recursive: true });
    writeFileSync(join(projectDir, "in/2026-01-02", name), text);
  };
  put("b.csv", "1");
  put("deep/c.csv", "1");
  expect(await look(orders, { projectDir })).toMatchObject({ seen: "1 file of 2 at in/2026-01-02/*.csv" });
  put("a.csv", "12");
  const first = await look(orders, { projectDir, now: 1_000 });
  expect(first).toMatchObject({ batuta: "not_yet", seen: "2 files, unchanged for 0 ms", againMs: 10_000 });
  const { memory } = first as { memory: Json };
  expect(await look(orders, { projectDir, now: 5_000, memory })).toMatchObject({ againMs: 6_000 });
  put("a.csv", "123");
  const grown = await look(orders, { projectDir, now: 11_000, memory });
  expect(grown).toMatchObject({ batuta: "not_yet", againMs: 10_000 });
  expect(await look(orders, { projectDir, now: 21_000, memory: (grown as { memory: Json }).memory })).toMatchObject([
    { path: "in/2026-01-02/a.csv", bytes: 3 },
    { path: "in/2026-01-02/b.csv", bytes: 1 },
  ]);
  const absolute = file(join(projectDir, "in/{{ ds }}/**/c.csv"), { stableFor: 0 });
  expect(await look(absolute, { projectDir })).toMatchObject([{ path: join(projectDir, "in/2026-01-02/deep/c.csv") }]);
});

test("httpOk: waits for a status and for what the JSON must hold; a value in the address is one part of it", async () => {
  let answer = { status: 404, body: "" };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers["x-token"] ?? ""}`);
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const url = `http://127.0.0.1:${port}/days/{{ ds }}/{{ params.id }}`;
  const closed = httpOk({ url, where: { "data.state": ["closed", "final"] }, headers: { "x-token": "{{ ds }}" } });
  expect(await look(closed)).toMatchObject({ seen: "it answered 404" });
  expect(asked).toEqual(["/days/2026-01-02/a%2Fb%3Fc 2026-01-02"]);
  answer = { status: 200, body: '{"data":{"state":"open"}}' };
  expect(await look(closed)).toMatchObject({ seen: 'data.state is "open"' });
  answer = { status: 200, body: "sorry" };
  expect(await look(closed)).toMatchObject({ seen: "data.state is not there" });
  answer = { status: 200, body: '{"data":{"state":"final"}}' };
  expect(await look(closed)).toEqual({ status: 200, body: { data: { state: "final" } } });
  answer = { status: 204, body: "" };
  expect(await look(httpOk({ url, expect: [204] }))).toEqual({ status: 204, body: "" });
  const refused = "GET http://127.0.0.1:1/nobody: bad port";
  await expect(look(httpOk({ url: "http://127.0.0.1:1/nobody?token=secret" }))).rejects.toThrow(refused);
});

test("sqlRows: waits for rows; values are bound, and identifiers quoted", async () => {
  const path = join(folder(), "warehouse.db");
  const database = new DatabaseSync(path);
  onTestFinished(() => database.close());
  database.exec("create table loads (day text, part integer)");
  const connections = { warehouse: `sqlite:${path}` };
  const query = "select part from {{ id(params.table) }} where day = {{ ds }} or day = '{{ params.id }}' order by part";
  const loads = sqlRows(query, { connection: "warehouse", count: 2 });
  expect(await look(loads, { connections })).toMatchObject({ seen: "0 of 2 rows" });
  database.exec("insert into loads values ('2026-01-02', 1), ('a/b?c', 2), ('2026-01-03', 3)");
  expect(await look(loads, { connections })).toEqual([{ part: 1 }, { part: 2 }]);
  await expect(
    look(sqlRows("select part from loads", { connection: "warehouse", rowsMax: 2 }), { connections }),
  ).rejects.toThrow("The query gives more than 2 rows");
  await expect(look(sqlRows("select 1; select 2", { connection: "warehouse" }), { connections })).rejects.toThrow(
    "holds 2 statements in place of one",
  );
});

test("s3Object: says which package it lacks, and what an address or a connection has to look like", async () => {
  const lake = s3Object("s3://lake/raw/{{ ds }}/*.parquet");
  await expect(look(lake, { projectDir: folder() })).rejects.toThrow(
    "The package @aws-sdk/client-s3 cannot be imported",
  );
  expect(() => s3Object("lake/raw")).toThrow('The address of s3Object(…) is "lake/raw".');
  expect(clientSettings("lake", "s3://key:se%2Fcret@minio.local:9000?region=eu-west-1&tls=off")).toEqual({
    region: "eu-west-1",
    endpoint: "http://minio.local:9000",
    forcePathStyle: true,
    credentials: { accessKeyId: "key", secretAccessKey: "se/cret" },
  });
  expect(clientSettings("lake", "s3:?region=eu-west-1")).toEqual({ region: "eu-west-1" });
  expect(() => clientSettings("lake", "postgres://a")).toThrow('Connection "lake" is no address of S3.');
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "batuta-sensors-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Look {
  readonly projectDir?: string;
  readonly now?: number;
  readonly memory?: Json;
  readonly connections?: Readonly<Record<string, string>>;
}

/** One look, as the sensor host is asked for it. */
async function look(
  kind: TaskKind<unknown>,
  { projectDir = "/", now = 0, memory, connections = {} }: Look = {},
): Promise<unknown> {
  const { work } = kind;
  if (work.via !== "sensor") throw new Error("It is no sensor");
  const { signal } = new AbortController();
  const hosted: Readonly<Record<string, (context: never) => unknown>> = hostedSensors;
  const config = renderParams(work.sensor.config, DAY);
  const context = { config, memory, now: new Date(now), connections, projectDir, signal };
  return hosted[work.sensor.kind]?.(context as never);
}
