import { expect, test } from "vitest";
import { fatal, pipeline, skip } from "../sdk/index.ts";
import { shell } from "../tasks/index.ts";
import { runPipeline } from "./index.ts";

const SOURCE = [1, 2, 3, 4, 5];

/** Reads what its source has after the cursor, at most two at once. */
const reading = pipeline("reading", ({ task }) => {
  task("read", { cursor: { name: "orders", initial: 0 } }, ({ cursor }) => {
    const batch = SOURCE.filter((id) => id > cursor.value).slice(0, 2);
    cursor.advance(batch.at(-1) ?? cursor.value);
    return batch;
  });
});

test("a cursor begins with its initial value, and is where the last success has left it", async () => {
  const first = await runPipeline(reading);
  first.succeeded().task("read").returned([1, 2]);
  expect(first.cursor("orders")).toBe(2);
  const second = await runPipeline(reading, { cursors: { orders: 4 } });
  second.task("read").returned([5]);
  expect(second.cursor("orders")).toBe(5);
});

test("of several moves of an attempt the last one counts; a task that moves nothing leaves it", async () => {
  const twice = pipeline("twice", ({ task }) => {
    task("read", { cursor: "a" }, ({ cursor }) => {
      cursor.advance({ page: 1 });
      cursor.advance({ page: 2 });
    });
    task("look", { cursor: "b" }, ({ cursor }) => cursor.value);
  });
  const run = await runPipeline(twice);
  expect([run.cursor("a"), run.cursor("b")]).toEqual([{ page: 2 }, undefined]);
  run.task("look").returned(null);
});

test("a retry reads from where the failed attempt has begun, for its move has never been", async () => {
  const seen: unknown[] = [];
  const flaky = pipeline("flaky", { retries: 1 }, ({ task }) => {
    task("read", { cursor: { name: "orders", initial: 0 } }, ({ cursor, attempt }) => {
      seen.push(cursor.value);
      cursor.advance(cursor.value + 10);
      if (attempt === 1) throw new Error("the sink was away");
    });
  });
  const run = await runPipeline(flaky, { cursors: { orders: 5 } });
  expect(seen).toEqual([5, 5]);
  expect(run.cursor("orders")).toBe(15);
});

test.each([
  ["fails", () => fatal("broken")],
  ["skips itself", () => skip("nothing new")],
])("a task that %s after it has moved its cursor moves nothing", async (_, end) => {
  const ending = pipeline("ending", ({ task }) => {
    task("read", { cursor: "orders" }, ({ cursor }) => {
      cursor.advance(1);
      end();
    });
  });
  expect((await runPipeline(ending)).cursor("orders")).toBeUndefined();
});

test("what cannot be kept is refused where the task says it", async () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const wrong = pipeline("wrong", ({ task }) => {
    task("large", { cursor: "a" }, ({ cursor }) => cursor.advance("x".repeat(64 * 1024)));
    task("circle", { cursor: "b" }, ({ cursor }) => cursor.advance(circle as never));
    task("nothing", { cursor: "c" }, ({ cursor }) => cursor.advance(undefined as never));
  });
  const run = await runPipeline(wrong);
  run.failed();
  run.task("large").failed('The value of cursor "a" has 65538 bytes, more than 64 KiB.');
  run.task("circle").failed('Cursor "b" cannot be moved there');
  run.task("nothing").failed("it is undefined");
});

test("a subprocess finds its cursor in the environment and moves it by a message", async () => {
  const command = pipeline("command", ({ task }) => {
    task(
      "read",
      { cursor: { name: "orders", initial: { line: 3 } } },
      shell`echo "at $BATUTA_CURSOR"; echo '{"type":"cursor","value":{"line":9}}' >> "$BATUTA_MESSAGES"`,
    );
  });
  const run = await runPipeline(command);
  run.succeeded();
  expect(run.cursor("orders")).toEqual({ line: 9 });
  expect(run.task("read").facts.log.join("\n")).toContain('at {"line":3}');
});

test("a subprocess that fails, says too much, or has no cursor moves none", async () => {
  const command = pipeline("command", ({ task }) => {
    const say = `echo '{"type":"cursor","value":1}' >> "$BATUTA_MESSAGES"`;
    task("fails", { cursor: "a" }, shell(`${say}; exit 1`));
    task("none", shell(say));
    const large = `printf '{"type":"cursor","value":"%070000d"}\\n' 0 >> "$BATUTA_MESSAGES"`;
    task("large", { cursor: "b" }, shell(large));
  });
  const run = await runPipeline(command);
  run.states({ fails: "failed", none: "success", large: "failed" });
  run.task("large").failed("more than 64 KiB");
  expect(run.task("none").facts.log.join("\n")).toContain("the task has none");
  expect([run.cursor("a"), run.cursor("b")]).toEqual([undefined, undefined]);
});

test("a cursor that the pipeline does not have is an error of the test", async () => {
  await expect(runPipeline(reading, { cursors: { order: 1 } })).rejects.toMatchObject({
    message: 'Pipeline "reading" has no cursor "order".',
    hint: "Its cursors: orders.",
  });
});
