import { basename } from "node:path";

/** Where the starter finds the packages it depends on: a version from the registry, or a folder of this machine. */
export interface StarterDependencies {
  readonly batuta: string;
  readonly zod: string;
  /** Present when this machine's own Node is too old, so that the project has to bring one. */
  readonly node?: string;
}

/** The name that a folder gives to the project in it: npm allows small letters, digits, `-`, `_` and `.`, no dot in front. */
export function projectName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .replace(/-+$/, "");
  return name === "" || name === "batuta" ? "pipelines" : name;
}

/** What every project has, by path, whatever its pipelines. */
export function projectFiles(
  name: string,
  dependencies: StarterDependencies,
  start: string,
): ReadonlyMap<string, string> {
  return new Map([
    ["package.json", packageJson(name, dependencies, start)],
    ["batuta.json", `${JSON.stringify({ name }, null, 2)}\n`],
    ["tsconfig.json", TSCONFIG],
    [".gitignore", "node_modules/\n.batuta/\n"],
  ]);
}

/** The files of a first project by path: a pipeline that shows the ideas in forty lines, and its test. */
export function starterFiles(name: string, dependencies: StarterDependencies): ReadonlyMap<string, string> {
  return new Map([
    ...projectFiles(name, dependencies, "batuta run hello"),
    ["pipelines/hello.ts", PIPELINE],
    ["pipelines/hello.test.ts", TEST],
    ["README.md", readme(name)],
  ]);
}

function packageJson(name: string, { batuta, zod, node }: StarterDependencies, start: string): string {
  const content = {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    engines: { node: ">=24" },
    scripts: { start, dev: "batuta dev", check: "batuta check", test: "node --test" },
    dependencies: { batuta, zod },
    ...(node === undefined ? {} : { devDependencies: { node } }),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

const PIPELINE = `import { exponential, pipeline } from "batuta";
import { shell } from "batuta/tasks";
import { z } from "zod";

interface Order {
  readonly id: number;
  readonly product: string;
  readonly amount: number;
}

export default pipeline(
  "hello",
  {
    description: "Adds up a day of orders.",
    // Give it on the command line: batuta run hello --param currency=USD
    params: z.object({ currency: z.enum(["EUR", "USD"]).default("EUR") }),
    // Every task gets two more tries, 1 s and 2 s after a failure.
    retries: exponential({ limit: 2, first: "1s", factor: 2 }),
  },
  ({ task }) => {
    // What a task returns is what its dependants receive, typed from end to end.
    const orders = task("extract_orders", ({ ds, log }): Order[] => {
      log.info(\`orders of \${ds}\`);
      return [
        { id: 1, product: "apples", amount: 12.5 },
        { id: 2, product: "pears", amount: 7.25 },
        { id: 3, product: "apples", amount: 30 },
      ];
    });

    const totals = task("sum_by_product", { input: { orders } }, ({ input }) => {
      const sums: Record<string, number> = {};
      for (const { product, amount } of input.orders) sums[product] = (sums[product] ?? 0) + amount;
      return sums;
    });

    // A placeholder in shell text becomes a variable that holds the value, so no value can ever become a command.
    const machine = task("describe_machine", shell\`echo "{{ ds }} on $(uname -sm)"\`);

    task("report", { input: { totals }, after: machine }, ({ input, params, log }) => {
      for (const [product, sum] of Object.entries(input.totals)) log.info(\`\${product}: \${sum} \${params.currency}\`);
      return { products: Object.keys(input.totals).length };
    });
  },
);
`;

const TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { fails, returns, runPipeline } from "batuta/testing";
import hello from "./hello.ts";

test("orders are added up by product", async () => {
  const run = await runPipeline(hello, { date: "2026-01-02" });
  run.succeeded();
  assert.deepEqual(run.task("sum_by_product").output, { apples: 42.5, pears: 7.25 });
});

// Time is virtual: three seconds of waiting take no time at all.
test("a source that fails twice is asked again", async () => {
  const flaky = fails("connection reset").times(2).followedBy(returns([{ id: 1, product: "plums", amount: 3 }]));
  const run = await runPipeline(hello, { stubs: { extract_orders: flaky } });
  run.succeeded();
  run.task("extract_orders").attempts(3).startedAfter("3s");
});
`;

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": true
  },
  "include": ["pipelines"]
}
`;

function readme(name: string): string {
  return `# ${name}

Data pipelines, run by Batuta.

    npx batuta run hello                          run the pipeline and watch it
    npx batuta run hello --param currency=USD     with another parameter
    npx batuta show hello                         its graph
    npx batuta logs latest                        what its tasks wrote
    npx batuta check                              find mistakes without running anything
    npm test                                      test it, without a database and without waiting

Every file in \`pipelines/\` that exports a pipeline is found. What runs leave behind is in \`.batuta/\`.
`;
}
