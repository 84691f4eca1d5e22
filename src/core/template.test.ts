import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "./json.ts";
import { parseTemplate, renderTemplate, type TemplateScope } from "./template.ts";
import { templateScope } from "./template-scope.ts";

const SCOPE = templateScope({
  interval: { start: Date.parse("2024-02-28T23:00:00Z"), end: Date.parse("2024-02-29T23:00:00Z") },
  timezone: "Europe/Berlin",
  ds: "2024-02-29",
  params: { region: "eu", limit: 10, dry: false, nothing: null, tags: ["a", "b"], filter: { min: 1 } },
  run: { id: "run-1", pipeline: "finance/daily", trigger: "schedule" },
  schedule: { name: "nightly", timezone: "Europe/Berlin", timing: { kind: "cron", expression: "0 0 * * *" } },
  lastSuccess: {
    runId: "run-0",
    interval: { start: Date.parse("2024-02-26T23:00:00Z"), end: Date.parse("2024-02-27T23:00:00Z") },
    ds: "2024-02-27",
    startedAt: Date.parse("2024-02-28T01:00:00Z"),
    finishedAt: Date.parse("2024-02-28T01:10:00Z"),
  },
  task: "load",
  attempt: 2,
});
/** The first run of a pipeline without a schedule. */
const FIRST = templateScope({
  interval: { start: Date.parse("2024-02-29T10:00:00Z"), end: Date.parse("2024-02-29T10:00:00Z") },
  timezone: "UTC",
  ds: "2024-02-29",
  params: { since: null, region: "eu" },
  run: { id: "run-1", pipeline: "daily", trigger: "manual" },
  task: "load",
  attempt: 1,
});

test.each([
  ["{{ ds }} {{ds_nodash}} {{  ts  }}", "2024-02-29 20240229 2024-02-28T23:00:00.000Z"],
  ["{{ interval.start }}/{{ interval.end }}", "2024-02-28T23:00:00.000Z/2024-02-29T23:00:00.000Z"],
  ["{{ params.region }}-{{ params.limit }}-{{ params.dry }}-{{ params.nothing }}", "eu-10-false-null"],
  ["{{ params.tags }} {{ params.tags.1 }} {{ params.filter }}", '["a","b"] b {"min":1}'],
  ["{{ run.id }} {{ pipeline }} {{ task }} {{ attempt }} {{ timezone }}", "run-1 finance/daily load 2 Europe/Berlin"],
  ["{{ ts_nodash }} {{ interval.partial }} {{ trigger }} {{ schedule }}", "20240228T230000 false schedule nightly"],
  ["{{ prev.success.start }}/{{ prev.success.end }}", "2024-02-26T23:00:00.000Z/2024-02-27T23:00:00.000Z"],
  ["{{ prev.success.ds }} {{ prev.success.runId }}", "2024-02-27 run-0"],
  ["{{ prev.ds }} {{ prev.interval.start }} {{ next.ds }}", "2024-02-28 2024-02-27T23:00:00.000Z 2024-03-01"],
  ["{{ prev.success.end or interval.start }} {{ ds  or\n ts }}", "2024-02-27T23:00:00.000Z 2024-02-29"],
  ["{{ params.nothing or params.region }} {{ params.nothing or schedule }}", "eu nightly"],
  ["no placeholder, }} and { { alone", "no placeholder, }} and { { alone"],
  ["docker ps --format '{{ '{{' }}.Names}}'", "docker ps --format '{{.Names}}'"],
  ["", ""],
])("%j renders as %j", (text, rendered) => {
  expect(renderTemplate(parseTemplate(text), SCOPE)).toBe(rendered);
});

test.each([
  ["{{ data_interval_start }}/{{ data_interval_end }}", "2024-02-28T23:00:00.000Z/2024-02-29T23:00:00.000Z"],
  ["{{ logical_date }} {{ execution_date }}", "2024-02-28T23:00:00.000Z 2024-02-28T23:00:00.000Z"],
  ["{{ prev_data_interval_start_success }}", "2024-02-26T23:00:00.000Z"],
  ["{{ prev_data_interval_end_success or ds }}", "2024-02-27T23:00:00.000Z"],
  ["{{ prev_start_date_success }} {{ prev_end_date_success }}", "2024-02-28T01:00:00.000Z 2024-02-28T01:10:00.000Z"],
  [
    "{{ prev_ds }} {{ next_ds_nodash }} {{ yesterday_ds }} {{ tomorrow_ds_nodash }}",
    "2024-02-28 20240301 2024-02-28 20240301",
  ],
  ["{{ ts_nodash_with_tz }} {{ run_id }}", "20240228T230000+0000 run-1"],
  ["{{ dag.dag_id }} {{ ti.task_id }} {{ ti.try_number }}", "finance/daily load 2"],
  ["{{ dag_run.conf.region }} {{ dag_run.run_type }}", "eu schedule"],
])("TI-2: Airflow's own names have a value: %j renders as %j", (text, rendered) => {
  expect(renderTemplate(parseTemplate(text), SCOPE)).toBe(rendered);
});

test.each([
  [
    "{{ prev.success.end }}",
    "no run of an earlier interval has succeeded yet",
    "{{ prev.success.end or interval.start }}",
  ],
  [
    "{{ prev_data_interval_end_success }}",
    "no run of an earlier",
    "{{ prev_data_interval_end_success or interval.start }}",
  ],
  ["{{ prev.success }}", "no run of an earlier interval", "or interval.start"],
  ["{{ prev.ds or next.ds }}", "works on no step of a schedule", "{{ prev.ds or next.ds or ds }}"],
  ["{{ schedule }}", "the interval of no schedule", "{{ schedule or trigger }}"],
])("TI-2: what a run has not is an error that says why, and what to write: %j", (text, why, hint) => {
  expect(() => renderTemplate(parseTemplate(text), FIRST)).toThrow(
    expect.objectContaining({
      code: "invalid_template",
      message: expect.stringContaining(why),
      hint: expect.stringContaining(hint),
    }),
  );
});

test("TI-2: a placeholder takes the first of its names that has a value; a wrong name stays wrong", () => {
  const render = (text: string): string => renderTemplate(parseTemplate(text), FIRST);
  expect(render("{{ prev.success.end or interval.start }}")).toBe("2024-02-29T10:00:00.000Z");
  expect(render("{{ params.since or prev.success.end or ds }}")).toBe("2024-02-29");
  expect(render("{{ params.since or prev.success.end }}")).toBe("null");
  expect(() => render("{{ params.regoin or params.region }}")).toThrow("{{ params.regoin }} names nothing");
  expect(() => render("{{ ds or intervall.start }}")).toThrow("{{ intervall.start }} names nothing");
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
  "{{ ds or }}",
  "{{ ds or 'x' }}",
  "{{ ds and ts }}",
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
    " or ",
    "prev.success.end",
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
