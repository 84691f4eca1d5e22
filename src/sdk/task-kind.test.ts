import { expect, test } from "vitest";
import { z } from "zod";
import { contextForTests, runKind } from "../tasks/context-for-tests.ts";
import { defineTaskKind } from "./task-kind.ts";

const greet = defineTaskKind({
  name: "greet",
  schema: z.object({ name: z.string() }),
  run: ({ ds }, { name }) => `${name} on ${ds}`,
});

test("a function kind runs with the context and its configuration", async () => {
  expect(await runKind(greet({ name: "Ada" }), contextForTests())).toBe("Ada on 2024-01-02");
});

test("a wrong configuration is an error at the place of the call, when the file is loaded", () => {
  expect(() => greet({ name: 3 as never })).toThrow(
    expect.objectContaining({
      code: "invalid_definition",
      message: expect.stringMatching(/^greet\(…\) is configured wrongly: .*string/),
      location: expect.objectContaining({ file: expect.stringMatching(/task-kind\.test\.ts$/) }),
    }),
  );
});

test("a process kind gives its command as data, with the defaults filled in", () => {
  const list = defineTaskKind({
    name: "list",
    connections: ({ lake }: { lake: string }) => [lake],
    command: ({ lake }) => ({ argv: ["ls", lake], skipExitCode: 4 }),
  });
  expect(list({ lake: "raw" })).toEqual({
    batuta: "kind",
    kind: "list",
    work: { via: "process", command: { argv: ["ls", "raw"], env: {}, skipExitCode: 4 } },
    connections: ["raw"],
  });
});

test("TI-2: a name that no run knows, in an argument or variable of a command, is an error when the file is loaded", () => {
  const rsync = defineTaskKind<{ from: string; day: string }>({
    name: "rsync",
    command: ({ from, day }) => ({ argv: ["rsync", from, "{{ plain file }}"], env: { DAY: day }, versionedFileArg: 2 }),
  });
  expect(() => rsync({ from: "{{ dss }}", day: "" })).toThrow("{{ dss }} names nothing");
  expect(() => rsync({ from: "", day: "{{ macros.ds_add(ds, 7) }}" })).toThrow("is not a name in braces");
  expect(() => rsync({ from: "{{ params.from or item }}", day: "{{ execution_date }}" })).not.toThrow();
});

test("a place that a wrapper passes on wins over the wrapper's own", () => {
  const place = { file: "/user/pipeline.ts", line: 7 };
  expect(() => greet({ name: 1 as never }, place)).toThrow(expect.objectContaining({ location: place }));
});

test("the name of a kind is lower-case words", () => {
  for (const name of ["", "Copy", "copy object", "-copy", "copy_object"]) {
    expect(() => defineTaskKind({ name, run: () => 1 })).toThrow(/is no name for a task kind/);
  }
});
