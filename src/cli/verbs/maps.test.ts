import { expect, test } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const FILES = `
import { pipeline } from "batuta";
import { python, shell } from "batuta/tasks";

const MIB = 1024 * 1024;

export default pipeline("files", ({ task, group }) => {
  const files = task("files", () => ["a", "b", "c"].map((name) => ({ name, text: name.repeat(2 * MIB) })));
  const load = task("load", { map: files, label: "name" }, ({ item, index, log }) => {
    log.info("loading " + item.name);
    return { index, name: item.name, length: item.text.length };
  });
  task("join", { input: { load } }, async ({ input }) => {
    const seen = [];
    for await (const { index, name, length } of input.load) seen.push([index, name, length / MIB]);
    return seen;
  });
  const sizes = task("sizes", { map: [{ name: "x y", size: 1 }, { name: "z", size: 2 }] }, shell\`
    echo "$BATUTA_INDEX $BATUTA_MAP_KEY $BATUTA_ITEM" {{ item.name }} {{ index }}
    printf '{"type":"output","value":%s}' "$(cat "$BATUTA_ITEM_FILE")" >> "$BATUTA_MESSAGES"
  \`);
  task("lines", { input: { sizes, load } }, shell\`
    cat "$BATUTA_TEMP_DIR/input-sizes.jsonl"
    echo "$(wc -l < "$BATUTA_TEMP_DIR/input-load.jsonl") of $(cat "$BATUTA_INPUT_FILE")"
  \`);
  const made = task("made", python\`
import json, os
items = [{"name": name, "text": name * 2**20} for name in "xy"]
with open(os.environ["BATUTA_MESSAGES"], "a") as messages:
    messages.write(json.dumps({"type": "output", "value": items}) + "\\n")
  \`);
  task("seen", { map: made, label: "name" }, ({ item, log }) => log.info(item.name + item.text.length));
  const each = group("each", { map: ["eu", "us"] }, (inner) => {
    const rows = inner.task("rows", ({ item }) => item + "!");
    const said = inner.task("said", { input: { rows } }, python\`
import json, os
rows = json.load(open(os.environ["BATUTA_INPUT_FILE"]))["rows"]
item = json.loads(os.environ["BATUTA_ITEM"])
print(item, rows, os.environ["BATUTA_MAP_KEY"])
    \`);
    return { rows };
  });
});
`;

test("DM-1, DM-3: maps over lists, small and large, run in task processes and in programs", async () => {
  const project = testProject({ "pipelines/files.ts": FILES });
  const run = field(envelope(await project.batuta("run", "files", "--json")), "data");
  expect(field(run, "state")).toBe("success");
  const names = field(run, "tasks");
  if (!Array.isArray(names)) throw new Error("no tasks");
  expect(names.map((task) => [field(task, "name"), field(task, "mapKey"), field(task, "label")])).toContainEqual([
    "load[1]",
    "1",
    "b",
  ]);
  expect(names.map((task) => [field(task, "name"), field(task, "label")])).toContainEqual(["seen[1]", "y"]);
  const log = async (task: string) => (await project.batuta("logs", "latest", task)).stdout;
  expect(await log("load[1]")).toContain("loading b");
  expect(await log("load[1]")).not.toContain("loading a");
  expect(await log("sizes[0]")).toContain('0 0 {"name":"x y","size":1} x y 0');
  const lines = await log("lines");
  expect(lines).toContain('{"name":"x y","size":1}\n');
  expect(lines).toMatch(/3 of \{"sizes":\{"file":".*input-sizes.jsonl","length":2\},"load":\{"file":.*"length":3\}\}/);
  expect(await log("seen[1]")).toContain("y1048576");
  expect(await log("each.said[1]")).toContain("us us! 1");
  expect((await project.batuta("logs", "latest", "load[7]")).stderr).toContain("Nothing has been written");
});

const FAILING = `
import { pipeline } from "batuta";
import { existsSync } from "node:fs";

export default pipeline("failing", ({ task }) => {
  const list = task("list", () => ["a", "b", "c", "d"].map((name) => ({ name })));
  const load = task("load", { map: list, label: "name" }, ({ item, projectDir }) => {
    if (item.name === "c" && !existsSync(projectDir + "/mended")) throw new Error("no c today");
    return item.name;
  });
  task("join", { input: { load } }, async ({ input, log }) => log.info("all: " + (await input.load.toArray()).join()));
});
`;

test("DM-1: an item that failed is named with its label, explained, and alone tried again", async () => {
  const project = testProject({ "pipelines/failing.ts": FAILING });
  const failed = await project.batuta("run", "failing");
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("load[2] c failed");
  expect(failed.stdout).toMatch(/load\s+failed.*3 success, 1 failed/);
  expect(failed.stdout).toMatch(/load\[2\] c\s+failed/);
  expect(failed.stdout).not.toContain("load[1]");
  const why = await project.batuta("why", "latest", "load[2]");
  expect(why.stdout).toContain("no c today");
  expect(why.stdout).not.toContain("load[1]");
  project.write("mended", "");
  const retried = field(envelope(await project.batuta("retry", "latest", "--from-failure", "--json")), "data");
  expect(field(retried, "state")).toBe("success");
  const loads = field(retried, "tasks");
  if (!Array.isArray(loads)) throw new Error("no tasks");
  expect(
    loads.filter((task) => String(field(task, "name")).startsWith("load")).map((task) => field(task, "attempts")),
  ).toEqual([1, 1, 1, 1]);
  for (const task of ["join", "load"]) {
    const alone = field(envelope(await project.batuta("run", "failing", "--task", task, "--json")), "data");
    expect([task, field(alone, "state")]).toEqual([task, "success"]);
    if (task === "join") expect((await project.batuta("logs", "latest", "join")).stdout).toContain("all: a,b,c,d");
    else expect(field(alone, "tasks", 3)).toMatchObject({ name: "load[3]", label: "d", state: "success" });
  }
});
