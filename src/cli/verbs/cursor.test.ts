import { expect, test } from "vitest";
import { envelope, testProject } from "../cli-for-tests.ts";

const READING = `import { pipeline } from "batuta";
export default pipeline("reading", ({ task }) => {
  task("read", { cursor: { name: "orders", initial: 0 } }, ({ cursor }) => cursor.advance(cursor.value + 10));
});`;

test("cursors are shown with who has moved them, and a person sets one back for a replay", async () => {
  const project = testProject({ "pipelines/reading.ts": READING });
  expect((await project.batuta("cursor", "reading")).stdout).toMatch(/^orders +0 +never/m);
  expect((await project.batuta("run", "reading", "--quiet")).code).toBe(0);
  expect((await project.batuta("cursor", "read")).stdout).toMatch(/^orders +10 +\S+ .*read of run \S+$/m);

  const dry = await project.batuta("cursor", "reading", "--set", "3", "--dry-run");
  expect(dry.stdout).toBe("orders: 10 -> 3\n");
  const set = await project.batuta("cursor", "reading", "orders", "--set", "3", "--json");
  expect(envelope(set)).toMatchObject({
    ok: true,
    data: { pipeline: "reading", name: "orders", before: 10, value: 3, version: 2, movedBy: "cli:tester" },
  });
  expect((await project.batuta("retry", "reading")).code).toBe(0);
  expect(envelope(await project.batuta("cursor", "reading", "--json"))).toMatchObject({ data: [{ value: 13 }] });

  const wrong = await project.batuta("cursor", "reading", "--set", "2024-01-31x");
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining("is no JSON") });
  const unknown = await project.batuta("cursor", "reading", "order_s");
  expect(unknown).toMatchObject({ code: 3, stderr: expect.stringContaining('Did you mean "orders"?') });
  const large = await project.batuta("cursor", "reading", "--set", `"${"x".repeat(65_536)}"`);
  expect(large.stderr).toContain("more than 64 KiB");
  expect((await project.batuta("cursor", "reding")).code).toBe(3);
});

test("a pipeline whose file is broken can be rewound; one without cursors says so", async () => {
  const project = testProject({
    "pipelines/reading.ts": READING,
    "pipelines/plain.ts":
      'import { pipeline } from "batuta";\nexport default pipeline("plain", ({ task }) => { task("a", () => 1); });',
  });
  await project.batuta("run", "reading", "--quiet");
  project.write("pipelines/reading.ts", "export default pipeline(");
  expect((await project.batuta("cursor", "reading", "--set", "1")).stdout).toBe("orders: 10 -> 1\n");
  const none = await project.batuta("cursor", "plain", "--set", "1");
  expect(none).toMatchObject({ code: 3, stderr: expect.stringContaining("No task of plain has a cursor.") });
});
