import { expect, test } from "vitest";
import { parseTaskTemplate } from "./task-template.ts";

test.each([
  "{{ ds }} {{ interval.start }} {{ run.trigger }}",
  "{{ prev.success.end or interval.start }} {{ next.ds }} {{ schedule }}",
  "{{ data_interval_start }} {{ dag_run.conf.region }} {{ yesterday_ds }}",
  "{{ params.region.city }} {{ item.name }} {{ index }} {{ item }}",
])("%s has names that some run knows", (text) => {
  expect(() => parseTaskTemplate(text)).not.toThrow();
});

test("a kind may know more names", () => {
  expect(() => parseTaskTemplate("{{ input.orders.count }}", { known: ["input"] })).not.toThrow();
});

test.each([
  ["{{ nosuch }}", "{{ nosuch }} names nothing"],
  ["{{ ds or interval.strat }}", "{{ interval.strat }} names nothing"],
  ["{{ prev.success.begin }}", "{{ prev.success.begin }} names nothing"],
])("%s is refused before anything runs", (text, fault) => {
  expect(() => parseTaskTemplate(text, { file: "load.sql" })).toThrow(
    expect.objectContaining({ code: "invalid_template", message: expect.stringContaining(fault) }),
  );
});
