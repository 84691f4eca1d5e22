import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { CommandSpec } from "../../core/manifest.ts";
import { setupExecutor, shellTask } from "../executor-for-tests.ts";
import { parseTaskMessage } from "./parse-task-message.ts";

// What dagster-pipes 1.13.28 writes, byte for byte.
const OPENED = '{"__dagster_pipes_version": "0.1", "method": "opened", "params": {"extras": {}}}';
const LOG = '{"__dagster_pipes_version": "0.1", "method": "log", "params": {"message": "half", "level": "WARNING"}}';
const MATERIALISED =
  '{"__dagster_pipes_version": "0.1", "method": "report_asset_materialization", "params": {"asset_key": "lake/orders", "data_version": "v1", "metadata": {"rows": {"raw_value": 42, "type": "__infer__"}}}}';
const CHECK =
  '{"__dagster_pipes_version": "0.1", "method": "report_asset_check", "params": {"asset_key": "lake/orders", "check_name": "not_empty", "passed": true, "metadata": null, "severity": "ERROR"}}';
const CUSTOM =
  '{"__dagster_pipes_version": "0.1", "method": "report_custom_message", "params": {"payload": {"anything": 1}}}';
const CLOSED_BADLY =
  '{"__dagster_pipes_version": "0.1", "method": "closed", "params": {"exception": {"message": "ValueError: no rows\\n", "stack": ["  File \\"x.py\\", line 3, in <module>\\n"], "name": "ValueError", "cause": null, "context": null}}}';

test("messages of dagster-pipes mean the same as Batuta's own", () => {
  expect([OPENED, LOG, MATERIALISED, CHECK, CUSTOM, CLOSED_BADLY].map(parseTaskMessage)).toEqual([
    { ok: true, message: { type: "heartbeat" } },
    { ok: true, message: { type: "log", level: "warn", message: "half" } },
    {
      ok: true,
      message: { type: "materialisation", asset: "lake/orders", metadata: { rows: 42, data_version: "v1" } },
    },
    { ok: true, message: { type: "check", name: "not_empty", passed: true, severity: "error", asset: "lake/orders" } },
    { ok: true, message: { type: "log", level: "info", message: 'custom message {"anything":1}' } },
    {
      ok: true,
      message: {
        type: "exception",
        name: "ValueError",
        message: "ValueError: no rows\n",
        stack: '  File "x.py", line 3, in <module>\n',
      },
    },
  ]);
});

test("an exception that a dagster-pipes program reports is what its failure says", async () => {
  const { result } = setupExecutor({
    fail: shellTask(`cat >> "$BATUTA_MESSAGES" <<'END'\n${CLOSED_BADLY}\nEND\necho noise >&2; exit 1`),
  });
  expect(await result("fail")).toMatchObject({
    kind: "failed",
    failure: {
      reason: "exit_code",
      errorName: "ValueError",
      message: "The command ended with exit code 1: ValueError: no rows",
      stack: expect.stringContaining("x.py"),
    },
  });
});

const hasPipes = spawnSync("python3", ["-c", "import dagster_pipes"]).status === 0;

if (!hasPipes) {
  // biome-ignore lint/suspicious/noConsole: a skip has to be heard.
  console.warn("SKIPPED: dagster-pipes is not installed (pip install dagster-pipes): its real library is not tried.");
}

describe.skipIf(!hasPipes)("with the real dagster-pipes", () => {
  test("a program finds its context, and what it reports arrives", async () => {
    const { result, log } = setupExecutor({
      load: pythonTask(`
from dagster_pipes import open_dagster_pipes
with open_dagster_pipes() as context:
    context.log.info(f"{context.asset_key} {context.partition_key} {context.retry_number} {context.get_extra('region')}")
    context.report_asset_materialization(metadata={"rows": 42}, data_version="v1")
    context.report_asset_check("not_empty", passed=True)
`),
    });
    expect(await result("load", { params: { region: "eu" } })).toEqual({
      kind: "success",
      materialisations: [{ asset: "lake/orders", metadata: { rows: 42, data_version: "v1" } }],
    });
    expect(log("load", "info")).toEqual(["lake/orders 2026-01-01 0 eu", "check not_empty of lake/orders passed"]);
  });

  test("its exception is the failure", async () => {
    const { result } = setupExecutor({
      load: pythonTask(`
from dagster_pipes import open_dagster_pipes
with open_dagster_pipes() as context:
    raise ValueError("no rows")
`),
    });
    expect(await result("load")).toMatchObject({
      failure: {
        reason: "exit_code",
        exitCode: 1,
        errorName: "ValueError",
        message: expect.stringContaining("no rows"),
      },
    });
  });
});

function pythonTask(code: string): ReturnType<typeof shellTask> {
  const path = process.env.PYTHONPATH;
  const command: Partial<CommandSpec> = {
    argv: ["python3", "-c", code],
    env: path === undefined ? {} : { PYTHONPATH: path },
  };
  return shellTask("", { command, outputs: [{ key: "lake/orders" }] });
}
