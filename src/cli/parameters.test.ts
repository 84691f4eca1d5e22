import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Json } from "../core/json.ts";
import { BatutaError } from "../core/problem.ts";
import { readParameters } from "./parameters.ts";

const schema = jsonSchema(
  z.object({
    region: z.enum(["eu", "us"]).default("eu"),
    limit: z.number().int().optional(),
    ratio: z.number().optional(),
    dry: z.boolean().optional(),
    tags: z.array(z.string()).optional(),
    ids: z.array(z.number()).optional(),
    window: z.object({ from: z.string(), to: z.string() }).optional(),
    until: z.string().nullable().optional(),
    level: z.union([z.number(), z.literal("all")]).optional(),
    code: z.string().optional(),
    mode: z.literal([1, 2]).optional(),
  }),
);

describe("readParameters", () => {
  it("makes of each text what the schema asks for", () => {
    expect(read("limit=5", "ratio=-1.5e3", "dry=true", "region=us", "until=null", "level=7")).toEqual({
      limit: 5,
      ratio: -1500,
      dry: true,
      region: "us",
      until: null,
      level: 7,
    });
  });

  it("leaves a text alone where the schema wants a text, whatever it looks like", () => {
    expect(read("code=007", "until=true")).toEqual({ code: "007", until: "true" });
  });

  it("leaves what does not fit for the schema to refuse, in its own words", () => {
    expect(read("limit=many", "dry=perhaps", "ratio=Infinity", "level=all")).toEqual({
      limit: "many",
      dry: "perhaps",
      ratio: "Infinity",
      level: "all",
    });
  });

  it("coerces constants by their type", () => {
    expect(read("mode=2")).toEqual({ mode: 2 });
  });

  it("takes lists as JSON, as a repeated option, or as a single item", () => {
    expect(read("ids=[1,2]")).toEqual({ ids: [1, 2] });
    expect(read("ids=1", "ids=2")).toEqual({ ids: [1, 2] });
    expect(read("ids=1")).toEqual({ ids: [1] });
    expect(read("tags=a,b")).toEqual({ tags: ["a,b"] });
  });

  it("takes objects as JSON, and keeps an equals sign within a value", () => {
    expect(read('window={"from":"a=b","to":"c"}')).toEqual({ window: { from: "a=b", to: "c" } });
    expect(read("code=a=b")).toEqual({ code: "a=b" });
    expect(read("code=")).toEqual({ code: "" });
  });

  it("lets --param win over --params", () => {
    expect(readParameters(schema, { param: ["limit=2"], json: '{"limit":1,"dry":true}' })).toEqual({
      limit: 2,
      dry: true,
    });
  });

  it("follows references, also in a circle", () => {
    const tree: Json = {
      $ref: "#/$defs/node",
      $defs: {
        node: { type: "object", properties: { depth: { $ref: "#/$defs/count" }, child: { $ref: "#/$defs/loop" } } },
        count: { type: "number" },
        loop: { $ref: "#/$defs/loop" },
      },
    };
    expect(readParameters(tree, { param: ["depth=3", "child=x"] })).toEqual({ depth: 3, child: "x" });
  });

  it("takes any name where the schema does, typed as it says", () => {
    expect(readParameters(jsonSchema(z.record(z.string(), z.number())), { param: ["anything=3"] })).toEqual({
      anything: 3,
    });
  });

  it.each([
    ["an unknown name, with the nearest", ["regoin=eu"], "invalid_params", 'Did you mean "region"?'],
    ["a name that is like none, with all of them", ["zzzzzzzz=1"], "invalid_params", "It takes: region, limit,"],
    ["a name without a value", ["region"], "usage", "--param name=value"],
    ["a value without a name", ["=eu"], "usage", "--param name=value"],
    ["broken JSON", ["window={from:1}"], "invalid_params", "single quotes"],
    ["a value that is given twice", ["limit=1", "limit=2"], "usage", "Give it once."],
  ])("refuses %s", (_, param, code, hint) => {
    expect(refusal(() => readParameters(schema, { param }))).toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    });
  });

  it("refuses every parameter of a pipeline that takes none", () => {
    expect(refusal(() => readParameters(undefined, { param: ["a=1"] })).hint).toBe(
      "This pipeline takes no parameters.",
    );
    expect(readParameters(undefined, { param: [] })).toEqual({});
  });

  it.each(["[1]", "null", "3", "{"])("refuses --params %s", (json) => {
    expect(refusal(() => readParameters(schema, { param: [], json })).code).toBe("invalid_params");
  });
});

function read(...param: string[]): unknown {
  return readParameters(schema, { param });
}

function refusal(act: () => unknown): BatutaError {
  try {
    act();
  } catch (error) {
    if (error instanceof BatutaError) return error;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

function jsonSchema(type: z.ZodType): Json {
  return JSON.parse(JSON.stringify(z.toJSONSchema(type, { io: "input" })));
}
