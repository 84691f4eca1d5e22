import { expect, expectTypeOf, test } from "vitest";
import { child } from "../tasks/index.ts";
import { define, errorOf, taskOf } from "./definition-for-tests.ts";
import { cron, every, pipeline } from "./index.ts";

test("a task names its cursor, and may say where it begins", () => {
  const definition = define(({ task }) => {
    task("a", { cursor: "orders" }, ({ cursor }) => cursor.advance({ id: 1 }));
    task("b", { cursor: { name: "users", initial: { id: 0, at: null } } }, ({ cursor }) => {
      expectTypeOf(cursor.value).toExtend<{ readonly id: number; readonly at: null }>();
      cursor.advance({ id: 7, at: null });
    });
    task("c", { cursor: { name: "files", initial: 0 } }, ({ cursor }) => {
      expectTypeOf(cursor.value).toEqualTypeOf<number>();
      // @ts-expect-error a cursor of numbers takes numbers
      cursor.advance("x");
    });
    // @ts-expect-error a task without the option has no cursor
    task("d", ({ cursor }) => cursor);
  });
  expect(taskOf(definition, "a").cursor).toEqual({ name: "orders" });
  expect(taskOf(definition, "b").cursor).toEqual({ name: "users", initial: { id: 0, at: null } });
  expect(taskOf(definition, "c").cursor).toEqual({ name: "files", initial: 0 });
  expect(taskOf(definition, "d")).not.toHaveProperty("cursor");
});

test.each<readonly [string, Parameters<typeof define>[0], string, string]>([
  [
    "a mapped task",
    ({ task }) => void task("a", { map: [1], cursor: "c" }, () => 1),
    'Task "a" has a `cursor` and is mapped.',
    "Read the source in a task before the map",
  ],
  [
    "a member of a mapped group",
    ({ group }) => void group("g", { map: [1] }, ({ task }) => void task("a", { cursor: "c" }, () => 1)),
    'is one of many in mapped group "g"',
    "Read the source in a task before the map",
  ],
  [
    "a member of a group with retries, however deep",
    ({ group }) =>
      void group(
        "g",
        { retries: 1 },
        (outer) => void outer.group("h", ({ task }) => void task("a", { cursor: "c" }, () => 1)),
      ),
    'belongs to group "g", which is tried again as a whole',
    "Read the source in a task before the group",
  ],
  [
    "a task with a cache",
    ({ task }) => void task("a", { cache: true, cursor: "c" }, () => 1),
    'Task "a" has a `cursor` and a `cache`.',
    "each batch is another one",
  ],
  [
    "a task that starts a pipeline",
    ({ task }) => void task("a", { cursor: "c" }, child("other")),
    "and starts a pipeline",
    "which reads the source",
  ],
  [
    "a name that is none",
    ({ task }) => void task("a", { cursor: "my orders" }, () => 1),
    '`cursor` of task "a" is "my orders"',
    "Use letters",
  ],
  [
    "a beginning that JSON cannot hold",
    ({ task }) => void task("a", { cursor: { name: "c", initial: 1n } }, () => 1),
    '`initial` in `cursor` of task "a" cannot be kept: $ is a BigInt.',
    "",
  ],
  [
    "an option that nobody knows",
    ({ task }) => void task("a", { cursor: { name: "c", inital: 1 } as never }, () => 1),
    "Unknown option `inital`",
    "Did you mean `initial`?",
  ],
])("%s is refused as a cursor's, with what to do instead", (_, build, message, hint) => {
  const error = errorOf(() => define(build));
  expect(error.message).toContain(message);
  expect(error.hint).toContain(hint);
});

test("TI-4: schedules of a pipeline with a cursor catch up by one run, unless they say otherwise", () => {
  const schedule = [every("10s"), cron("0 6 * * *", { name: "daily", catchUp: "latest" })];
  const reading = pipeline("reading", { schedule }, ({ task }) => void task("a", { cursor: "c" }, () => 1));
  const plain = pipeline("plain", { schedule: every("10s") }, ({ task }) => void task("a", () => 1));
  expect(reading.spec.schedules?.map(({ catchUp }) => catchUp)).toEqual(["coalesce", "latest"]);
  expect(plain.spec.schedules?.map(({ catchUp }) => catchUp)).toEqual(["latest"]);
  expect(reading.spec.schedules?.[0]).not.toHaveProperty("catchUpUnsaid");
});
