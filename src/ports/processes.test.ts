import { once } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "./clock.ts";
import type { ProcessTable } from "./process-table.ts";
import { treeOf } from "./process-table.ts";
import { psProcessTable } from "./process-table-ps.ts";
import {
  killMarked,
  localProcessTable,
  ownIdentity,
  type ProcessRequest,
  type RunningProcess,
  startProcess,
  stateOfProcess,
} from "./processes.ts";

const tables: readonly (readonly [string, ProcessTable])[] = [
  ["this host's table", localProcessTable],
  ["ps", psProcessTable],
];

test.each(tables)("by %s, this very process is alive and one of its pid but another start is gone", (_name, table) => {
  const own = ownIdentity(table);
  expect(stateOfProcess(own, table)).toBe("alive");
  expect(stateOfProcess({ ...own, startTime: "another" }, table)).toBe("gone");
  expect(stateOfProcess({ ...own, hostId: "another" }, table)).toBe("elsewhere");
});

test.each(tables)("by %s, a tree holds children that left for a session of their own", async (_name, table) => {
  const shell = await start("setsid sleep 60 & sleep 60 & echo ready; wait");
  await once(shell.stdout, "data");
  // The shell has forked, but setsid may not have left yet, and what becomes another program has no memory for a moment.
  await vi.waitFor(() => {
    const tree = treeOf(table.rows(), shell.pid);
    expect(tree).toHaveLength(3);
    expect(tree.filter((row) => row.group !== shell.pid)).toHaveLength(1);
    expect(tree.every((row) => row.residentBytes > 100_000)).toBe(true);
  }, 30_000);
});

test.each(tables)("by %s, marked processes are ended with their groups, wherever they went", async (_name, table) => {
  const marker = `BATUTA_TEST=${process.pid}-${_name.replaceAll(" ", "-")}`;
  const shell = await start("setsid sleep 60 & env -i sleep 60 & echo ready; wait", { BATUTA_TEST: marker.slice(12) });
  await once(shell.stdout, "data");
  expect(table.marked(marker).length).toBeGreaterThan(1);
  expect(await killMarked(marker, systemClock, table)).toBe(true);
  await shell.closed;
  expect(treeOf(table.rows(), shell.pid)).toEqual([]);
});

test("a marker that is only the beginning of another one does not match", async () => {
  const shell = await start("echo ready; sleep 60", { BATUTA_TEST: "abc" });
  await once(shell.stdout, "data");
  expect(localProcessTable.marked("BATUTA_TEST=ab")).toEqual([]);
  expect(localProcessTable.marked("BATUTA_TEST=abc").length).toBeGreaterThan(0);
});

test("a process gets the passed environment, a few inherited names, and nothing else", async () => {
  process.env.BATUTA_LEAK = "secret";
  onTestFinished(() => void delete process.env.BATUTA_LEAK);
  const shell = await start("env", { GIVEN: "yes" });
  const names = (await textOf(shell)).split("\n").map((line) => line.split("=")[0]);
  expect(names).toContain("GIVEN");
  expect(names).toContain("PATH");
  expect(names).not.toContain("BATUTA_LEAK");
});

test("channels carry bytes both ways", async () => {
  const shell = await start("read -r word <&3; echo got $word >&4", {}, { channels: 2 });
  shell.channels[0]?.write("hello\n");
  const [answer] = await once(shell.channels[1] ?? process, "data");
  expect(String(answer)).toBe("got hello\n");
});

test("a program that is not there rejects with ENOENT", async () => {
  await expect(startProcess({ argv: ["/no/such/program"], cwd: "/", env: {} })).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test("an exit tells the code, or the signal that ended it", async () => {
  expect(await (await start("exit 7")).exited).toEqual({ code: 7, signal: null });
  expect(await (await start("kill -TERM $$")).exited).toEqual({ code: null, signal: "SIGTERM" });
});

async function start(
  script: string,
  env: Readonly<Record<string, string>> = {},
  more: Partial<ProcessRequest> = {},
): Promise<RunningProcess> {
  const started = await startProcess({ argv: ["/bin/sh", "-c", script], cwd: "/", env, ...more });
  onTestFinished(() => {
    for (const { pid } of treeOf(localProcessTable.rows(), started.pid)) process.kill(pid, "SIGKILL");
  });
  return started;
}

async function textOf(shell: RunningProcess): Promise<string> {
  let text = "";
  for await (const chunk of shell.stdout) text += String(chunk);
  return text;
}
