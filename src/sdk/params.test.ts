import { expect, test } from "vitest";
import { z } from "zod";
import { pipeline } from "./pipeline.ts";

function withParams(params: z.ZodType) {
  return pipeline("sales", { params }, ({ task }) => void task("a", () => 1));
}

test("the JSON Schema describes what may be given: a parameter with a default is optional", () => {
  const { spec } = withParams(z.object({ region: z.enum(["eu", "us"]).default("eu"), limit: z.number() }));
  expect(spec.params).toMatchObject({
    type: "object",
    required: ["limit"],
    properties: { region: { default: "eu" }, limit: { type: "number" } },
  });
});

test("parameters are completed, and reach tasks as JSON", () => {
  const definition = withParams(z.object({ region: z.string().default("eu"), since: z.coerce.date() }));
  expect(definition.parseParams({ since: "2024-01-02" })).toEqual({ region: "eu", since: "2024-01-02T00:00:00.000Z" });
});

test("wrong and missing parameters are named, all of them", () => {
  const definition = withParams(z.object({ region: z.enum(["eu", "us"]), limit: z.object({ rows: z.number() }) }));
  expect(() => definition.parseParams({ limit: { rows: "many" } })).toThrow(
    expect.objectContaining({ code: "invalid_params", message: expect.stringMatching(/region: .*; limit\.rows: /) }),
  );
});

test("a pipeline without parameters takes none", () => {
  const definition = pipeline("plain", ({ task }) => void task("a", () => 1));
  expect(definition.spec).not.toHaveProperty("params");
  expect(definition.parseParams({})).toEqual({});
  expect(() => definition.parseParams({ region: "eu" })).toThrow(/takes no parameters, but got region/);
});

test("a schema that waits is refused when it is asked", () => {
  const definition = withParams(z.object({ a: z.string().refine(async () => true) }));
  expect(() => definition.parseParams({ a: "x" })).toThrow(/asynchronous/);
});

test("what is no schema of an object is a definition error", () => {
  expect(() => withParams(z.string())).toThrow(/not a schema of an object/);
  expect(() => withParams({ region: "eu" } as never)).toThrow(/is no schema/);
  const old = { "~standard": { version: 1, vendor: "old", validate: () => ({ value: {} }) } };
  expect(() => withParams(old as never)).toThrow(/cannot be written as JSON Schema/);
});
