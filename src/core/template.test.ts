import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "./json.ts";
import { parseTemplate, renderTemplate, type TemplateScope, templateScope } from "./template.ts";

const SCOPE = templateScope({
  interval: { start: Date.parse("2024-02-28T23:00:00Z"), end: Date.parse("2024-02-29T23:00:00Z") },
  timezone: "Europe/Berlin",
  ds: "2024-02-29",
  params: { region: "eu", limit: 10, dry: false, nothing: null, tags: ["a", "b"], filter: { min: 1 } },
  run: { id: "run-1", pipeline: "finance/daily" },
  task: "load",
  attempt: 2,
});

test.each([
  ["{{ ds }} {{ds_nodash}} {{  ts  }}", "2024-02-29 20240229 2024-02-28T23:00:00.000Z"],
  ["{{ interval.start }}/{{ interval.end }}", "2024-02-28T23:00:00.000Z/2024-02-29T23:00:00.000Z"],
  ["{{ params.region }}-{{ params.limit }}-{{ params.dry }}-{{ params.nothing }}", "eu-10-false-null"],
  ["{{ params.tags }} {{ params.tags.1 }} {{ params.filter }}", '["a","b"] b {"min":1}'],
  ["{{ run.id }} {{ pipeline }} {{ task }} {{ attempt }} {{ timezone }}", "run-1 finance/daily load 2 Europe/Berlin"],
  ["no placeholder, }} and { { alone", "no placeholder, }} and { { alone"],
  ["docker ps --format '{{ '{{' }}.Names}}'", "docker ps --format '{{.Names}}'"],
  ["", ""],
])("%j renders as %j", (text, rendered) => {
  expect(renderTemplate(parseTemplate(text), SCOPE)).toBe(rendered);
});

test("a value that looks like a placeholder stays as it is: one pass, never evaluated again", () => {
  const scope = { ds: "{{ secret }}", secret: "s3cr3t" };
  expect(renderTemplate(parseTemplate("{{ ds }}"), scope)).toBe("{{ secret }}");
});

test.each([
  ["line one\n {{ params.regoin }}", "{{ params.regoin }} names nothing", "Did you mean params.region?"],
  ["{{ params.region.length }}", "names nothing", "params.limit"],
  ["{{ params.tags.length }}", "names nothing", "params"],
  ["{{ constructor }}", "names nothing", "ds"],
  ["{{ params.constructor }}", "names nothing", "ds"],
  ["{{ params.__proto__ }}", "names nothing", "ds"],
  ["{{ id(ds) }}", "id(…) is for SQL only", "{{ ds }}"],
])("%j is an error when it is rendered", (text, fault, hint) => {
  expect(() => renderTemplate(parseTemplate(text), SCOPE)).toThrow(
    expect.objectContaining({
      code: "invalid_template",
      message: expect.stringContaining(fault),
      hint: expect.stringContaining(hint),
    }),
  );
});

test.each([
  "{{ }}",
  "{{ ds",
  "{{ 1 + 1 }}",
  "{{ ds | upper }}",
  "{{ ds() }}",
  "{{ params['region'] }}",
  "{{.Names}}",
  "{{ process.exit() }}",
  "{{ a..b }}",
  "{{{ ds }}}",
])("%j is an error when it is read", (text) => {
  expect(() => parseTemplate(`first line\n  ${text}`, "sql/load.sql")).toThrow(
    expect.objectContaining({
      code: "invalid_template",
      message: expect.stringContaining("sql/load.sql:2"),
      location: { file: "sql/load.sql", line: 2, column: 3 },
    }),
  );
});

test("S06: whatever a template says, it yields own plain data of its scope or an error, and runs no code", () => {
  const fuel = fc.constantFrom(
    "{{",
    "}}",
    " ",
    ".",
    "ds",
    "params",
    "constructor",
    "__proto__",
    "a",
    "id(",
    ")",
    "'",
    '"',
  );
  const text = fc.array(fc.oneof(fuel, fc.string({ maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join(""));
  const touched: string[] = [];
  const scope = trappedScope(touched);
  fc.assert(
    fc.property(text, (template) => {
      const rendered = renderedOrError(template, scope);
      if (rendered !== undefined) expect(rendered).not.toMatch(/native code|function|\[object/);
    }),
    { numRuns: 5_000 },
  );
  expect(touched).toEqual([]);
});

test("S06: getters, methods and objects with methods are no values, and are never called", () => {
  const touched: string[] = [];
  const scope = trappedScope(touched);
  for (const name of ["getter", "method", "withToJson", "holder.getter", "list", "instance", "inherited", "hidden"]) {
    expect(() => renderTemplate(parseTemplate(`{{ ${name} }}`), scope), name).toThrow("names nothing");
  }
  expect(touched).toEqual([]);
  expect(renderTemplate(parseTemplate("{{ a }}"), scope)).toBe("data");
});

test("every value comes out as itself, once", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, text) => {
      const literal = text.replaceAll("{{", "");
      const scope = { value: JSON.parse(JSON.stringify(value)) };
      const expected = typeof value === "string" ? value : JSON.stringify(value);
      expect(renderTemplate(parseTemplate(`${literal} {{ value }}`), scope)).toBe(`${literal} ${expected}`);
    }),
  );
});

function renderedOrError(text: string, scope: TemplateScope): string | undefined {
  try {
    return renderTemplate(parseTemplate(text), scope);
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_template" });
    return undefined;
  }
}

/** A scope in which everything that could run code notes that it was touched. */
function trappedScope(touched: string[]): TemplateScope {
  const note = (what: string) => (): string => {
    touched.push(what);
    return what;
  };
  const getter = { enumerable: true, get: note("getter") };
  const traps: object = {
    a: "data",
    method: note("method"),
    withToJson: { toJSON: note("toJSON") },
    holder: Object.defineProperty({}, "getter", getter),
    list: [Object.defineProperty({}, "getter", getter)],
    instance: new Date(0),
  };
  Object.defineProperty(traps, "getter", getter);
  Object.defineProperty(traps, "hidden", { enumerable: false, value: "hidden" });
  const scope: Record<string, Json> = Object.create({ inherited: "inherited" });
  return Object.defineProperties(scope, Object.getOwnPropertyDescriptors(traps));
}
