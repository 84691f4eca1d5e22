import { expect, test } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const NAMED = { "batuta.json": "{}" };

test("an event is sent once for each id, with its data from text, a file or standard input", async () => {
  const project = testProject({ ...NAMED, "order.json": '{ "rows": 3 }' });
  const sent = await project.batuta(
    "emit",
    "orders.arrived",
    "--key",
    "eu",
    "--data",
    "@order.json",
    "--id",
    "1",
    "--json",
  );
  expect(envelope(sent)).toMatchObject({ ok: true, data: { name: "orders.arrived", id: "1", isNew: true } });
  const again = await project.batuta("emit", "orders.arrived", "--id", "1");
  expect(again).toMatchObject({ code: 0, stdout: "Event orders.arrived 1 was sent before; nothing has changed.\n" });
  const one = envelope(await project.batuta("emit", "orders.arrived", "--json"));
  const other = envelope(await project.batuta("emit", "orders.arrived", "--ttl", "1h", "--data", "[1]", "--json"));
  expect(field(one, "data", "id")).not.toBe(field(other, "data", "id"));
  const piped = project.startProgram(
    [
      "sh",
      "-c",
      `echo '{"rows":1}' | "${process.execPath}" "${process.cwd()}/bin/batuta.js" emit orders.arrived --data -`,
    ],
    ".",
  );
  expect(await piped.ended).toMatchObject({ code: 0 });
});

test("what cannot be sent is refused with what to do instead", async () => {
  const project = testProject({ ...NAMED, "large.json": JSON.stringify("x".repeat(10 * 1024 * 1024)) });
  const refusals: readonly (readonly [string, number, readonly string[]])[] = [
    ["Missing required argument 'name'.", 2, []],
    ['The event name "pipeline:daily" is no name of an event.', 2, ["pipeline:daily"]],
    ["large.json has 10.0 MiB or more; the data of an event may have 1 MiB.", 2, ["orders", "--data", "@large.json"]],
    ["is not valid JSON", 2, ["orders", "--data", "{rows:1}"]],
    ["There is no file", 3, ["orders", "--data", "@gone.json"]],
    ["is not a length of time", 2, ["orders", "--ttl", "soon"]],
    ["--ttl 0s is no time at all.", 2, ["orders", "--ttl", "0s"]],
  ];
  for (const [message, code, args] of refusals) {
    const refused = await project.batuta("emit", ...args);
    expect(refused).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(message) });
    expect(refused.stderr).toMatch(/hint: .+/);
  }
});
