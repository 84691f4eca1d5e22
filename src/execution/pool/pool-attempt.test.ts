import { expect, test } from "vitest";
import { setupExecutor } from "../executor-fixture.ts";

test("a task function returns a value, which becomes the output", async () => {
  const { result } = setupExecutor({ answer: "async () => ({ answer: 42 })" });
  expect(await result("answer")).toEqual({ kind: "success", output: { kind: "inline", json: '{"answer":42}' } });
});
