import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import type {
  Json,
  Jsonify,
  Outcome,
  PipelineBuilder,
  Serialisable,
  TaskContext,
  TaskKind,
  TaskRef,
  Work,
} from "./index.ts";
import { asset, defineTaskKind, pipeline } from "./index.ts";

// Checked by the compiler; at run time these tests only show that the definitions are accepted.

interface Order {
  readonly id: string;
  readonly at: Date;
  readonly tags?: string[];
  readonly size: { readonly width: number | undefined };
}

declare const made: { orders(): Promise<Order[]>; tree(): Tree };

interface Tree {
  readonly name: string;
  readonly children: Tree[];
}

function define(build: (builder: PipelineBuilder) => void): void {
  pipeline("typed", build);
}

test("dependants see what JSON leaves of a value", () => {
  define(({ task }) => {
    const orders = task("orders", () => made.orders());
    expectTypeOf(orders).toEqualTypeOf<
      TaskRef<
        {
          readonly id: string;
          readonly at: string;
          readonly tags?: string[];
          readonly size: { readonly width: number | undefined };
        }[]
      >
    >();
    task("count", { input: { orders } }, ({ input }) => {
      expectTypeOf(input.orders[0]?.at).toEqualTypeOf<string | undefined>();
      return input.orders.length;
    });
    const nothing = task("nothing", () => {});
    expectTypeOf(nothing).toEqualTypeOf<TaskRef<null>>();
    const tree = task("tree", () => made.tree());
    task("leaf", { input: { tree } }, ({ input }) => input.tree.children[0]?.children[0]?.name ?? null);
  });
});

test("a field that is renamed upstream is a compile error downstream", () => {
  define(({ task }) => {
    const totals = task("totals", () => ({ revenue: 1 }));
    task("good", { input: { totals } }, ({ input }) => input.totals.revenue);
    // @ts-expect-error `turnover` does not exist
    task("bad", { input: { totals } }, ({ input }) => input.totals.turnover ?? null);
  });
});

test("under a rule that may start without an upstream's success its input is an outcome", () => {
  define(({ task }) => {
    const rows = task("rows", () => [1]);
    task("always", { input: { rows }, when: "all_done" }, ({ input }) => {
      expectTypeOf(input.rows).toEqualTypeOf<Outcome<number[]>>();
      return input.rows.value ?? input.rows.state;
    });
    task("named", { input: { rows }, when: "all_success" }, ({ input }) => {
      expectTypeOf(input.rows).toEqualTypeOf<number[]>();
    });
  });
});

test("a task with doneWhen may end without a value", () => {
  define(({ task }) => {
    const size = task("size", () => 1);
    const loaded = task("loaded", { input: { size }, doneWhen: ({ input }) => input.size > 3 }, () => ({ rows: 1 }));
    expectTypeOf(loaded).toEqualTypeOf<TaskRef<{ rows: number } | null>>();
    const later = task("later", { doneWhen: async () => true }, () => 1);
    expectTypeOf(later).toEqualTypeOf<TaskRef<number | null>>();
    const orders = asset("orders", { exists: async ({ ds }) => ds > "2024" });
    const loaded2 = task("loaded2", { doneWhen: orders, outputs: [orders, asset("plain")] }, () => 1);
    expectTypeOf(loaded2).toEqualTypeOf<TaskRef<number | null>>();
  });
});

test("what cannot be serialised is a compile error at the task that returns it", () => {
  function never({ task }: PipelineBuilder): void {
    // @ts-expect-error a Map
    task("map", () => new Map([[1, 2]]));
    // @ts-expect-error a Set, in one of two branches
    task("set", () => (Math.max(1) > 0 ? new Set([1]) : 1));
    // @ts-expect-error rows[].total is a BigInt
    task("bigint", async () => ({ rows: [{ total: 1n }] }));
    // @ts-expect-error a function
    task("function", () => ({ later: () => 1 }));
    // @ts-expect-error a symbol
    task("symbol", () => ({ tag: Symbol("x") }));
    // @ts-expect-error binary data
    task("bytes", () => ({ image: new Uint8Array(3) }));
    // @ts-expect-error an object with methods
    task("instance", () => new Counter());
    // @ts-expect-error a promise within a value
    task("promise", () => ({ rows: Promise.resolve(1) }));
    // @ts-expect-error an Error
    task("error", () => [new TypeError("x")]);
    task("date", () => new Date(0));
    task("unknown", (): unknown => 1);
    task("json", (): Json => ({ a: [1, null] }));
  }
  expectTypeOf(never).toBeFunction();
  expectTypeOf<Serialisable<{ rows: Map<string, number>[] }>>().toEqualTypeOf<{
    readonly "Values cross as JSON, and this cannot": "rows[] is a Map";
  }>();
});

class Counter {
  count = 0;
  increase(): void {
    this.count += 1;
  }
}

test("the context has the input, the parameters as JSON and a real AbortSignal", () => {
  const params = z.object({ region: z.enum(["eu", "us"]).default("eu"), since: z.coerce.date().optional() });
  pipeline("with_params", { params }, ({ task }) => {
    task("a", (context) => {
      expectTypeOf(context.params.region).toEqualTypeOf<"eu" | "us">();
      expectTypeOf(context.params.since).toEqualTypeOf<string | undefined>();
      expectTypeOf(context.signal).toEqualTypeOf<AbortSignal>();
      expectTypeOf(context.interval.start).toEqualTypeOf<Date>();
      expectTypeOf(context.input).toEqualTypeOf<Readonly<Record<never, never>>>();
    });
  });
  define(({ task }) => {
    // @ts-expect-error the pipeline takes no parameters
    task("b", ({ params: given }) => given.region);
  });
});

test("options that do not exist, or have a wrong type, are compile errors", () => {
  function never({ task }: PipelineBuilder): void {
    // @ts-expect-error no such option
    task("a", { retrys: 3 }, () => 1);
    // @ts-expect-error no such rule
    task("b", { when: "all_succes" }, () => 1);
    // @ts-expect-error an input is a task
    task("c", { input: { rows: 3 } }, () => 1);
    // @ts-expect-error an output is an asset
    task("d", { outputs: ["warehouse/orders"] }, () => 1);
    // @ts-expect-error a task needs work
    task("e", {});
  }
  expectTypeOf(never).toBeFunction();
});

test("a kind has the type of its result, and a function kind must return what survives JSON", () => {
  const copy = defineTaskKind({
    name: "copy",
    run: async (_, config: { from: string }) => ({ at: new Date(0), ...config }),
  });
  expectTypeOf(copy({ from: "a" })).toEqualTypeOf<TaskKind<{ at: string; from: string }>>();
  const run = defineTaskKind({ name: "run", command: (config: { program: string }) => ({ argv: [config.program] }) });
  expectTypeOf(run({ program: "ls" })).toEqualTypeOf<TaskKind<Json>>();
  expectTypeOf(run<{ files: string[] }>({ program: "ls" })).toEqualTypeOf<TaskKind<{ files: string[] }>>();
  expectTypeOf(run<Tree>({ program: "ls" })).toEqualTypeOf<TaskKind<Tree>>();
  // @ts-expect-error a Map does not survive
  defineTaskKind({ name: "map", run: () => new Map([["a", 1]]) });
  define(({ task }) => {
    const files = task("files", run<{ files: string[] }>({ program: "ls" }));
    task("first", { input: { files } }, ({ input }) => input.files.files[0] ?? null);
  });
});

test("a helper that defines tasks passes types through", () => {
  define(({ task }) => {
    function twice<R>(name: string, work: Work<TaskContext, R>) {
      return task(name, { retries: 1 }, work);
    }
    const count = twice("count", () => ({ n: 1 }));
    task("use", { input: { count } }, ({ input }) => input.count.n);
  });
});

test("Jsonify leaves JSON alone and shows what becomes of the rest", () => {
  expectTypeOf<Jsonify<Json>>().toEqualTypeOf<Json>();
  expectTypeOf<Jsonify<{ a: undefined; b: (number | undefined)[] }>>().toEqualTypeOf<{
    a: undefined;
    b: (number | null)[];
  }>();
  expectTypeOf<Jsonify<[Date, 1]>>().toEqualTypeOf<[string, 1]>();
  expectTypeOf<Jsonify<unknown>>().toEqualTypeOf<Json>();
  expectTypeOf<Jsonify<{ [key: string]: Date }>>().toEqualTypeOf<{ [key: string]: string }>();
});

test("without a map there is no item, and a map goes over a list alone", () => {
  function never({ task, group }: PipelineBuilder): void {
    // @ts-expect-error no map, no item
    task("a", ({ item }) => item);
    const size = task("size", () => 1);
    // @ts-expect-error a number is no list
    task("b", { map: size }, () => 1);
    const sizes = task("sizes", { map: [1] }, () => [1]);
    // @ts-expect-error of a mapped task there are many values
    task("c", { map: sizes }, () => 1);
    // @ts-expect-error no map, no item
    group("g", ({ task: inner }) => void inner("a", ({ item }) => item));
  }
  expectTypeOf(never).toBeFunction();
});

test("a branch gives names or tasks, a short circuit a boolean", () => {
  define(({ task, branch, shortCircuit }) => {
    const size = task("size", () => 1);
    const rows = task("rows", { after: ["choose", "open"] }, () => 1);
    const choose = branch("choose", { input: { size } }, ({ input }) => (input.size > 1 ? rows : ["rows"]));
    expectTypeOf(choose).toEqualTypeOf<TaskRef<string | string[] | null>>();
    const open = shortCircuit("open", async ({ ds }) => ds !== "");
    expectTypeOf(open).toEqualTypeOf<TaskRef<boolean>>();
  });
  function never({ branch, shortCircuit }: PipelineBuilder): void {
    // @ts-expect-error a number is no name
    branch("a", () => 1);
    // @ts-expect-error a number is no boolean
    shortCircuit("b", () => 1);
    // @ts-expect-error a branch has no map
    branch("c", { map: [1] }, () => "a");
  }
  expectTypeOf(never).toBeFunction();
});
