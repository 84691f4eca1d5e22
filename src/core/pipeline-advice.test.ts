import { expect, test } from "vitest";
import type { TaskSpec } from "./manifest.ts";
import { pipelineAdvice } from "./pipeline-advice.ts";
import { plainTask } from "./plain-task-for-tests.ts";

/** Tasks by name, each with the names it waits for and what else there is to say of it. */
function tasks(parts: Record<string, Partial<Omit<TaskSpec, "upstream">> & { readonly after?: string }>): TaskSpec[] {
  const names = Object.keys(parts);
  return names.map((name, line) => {
    const { after = "", ...more } = parts[name] ?? {};
    const upstream = after.split(" ").flatMap((from) => (from === "" ? [] : [names.indexOf(from)]));
    const gates = upstream.filter((from) => parts[names[from] ?? ""]?.decides !== undefined);
    return plainTask(name, {
      upstream,
      location: { file: "p.ts", line: line + 1 },
      ...(gates.length === 0 ? {} : { gates }),
      ...more,
    });
  });
}

function advised(parts: Parameters<typeof tasks>[0]): readonly number[] {
  return pipelineAdvice({ tasks: tasks(parts) }).map(({ location }) => location.line);
}

const BRANCH = { choose: { decides: "branch" }, bulk: { after: "choose" }, rows: { after: "choose" } } as const;

test("SK-5: a join after a branch that uses all_success is advised against, with the rule that is meant", () => {
  expect(pipelineAdvice({ tasks: tasks({ ...BRANCH, publish: { after: "bulk rows" } }) })).toEqual([
    {
      location: { file: "p.ts", line: 4 },
      message:
        'Task "publish" waits with all_success for "bulk" and "rows", of which branch "choose" may choose only some: then it is skipped.',
      hint: 'Write when: "none_failed_min_one_success", and it runs after whatever was chosen.',
    },
  ]);
});

test("SK-5: it is seen however long the ways are, once, and where a choice waits for another one", () => {
  const steps = { more: { after: "bulk" }, store: { after: "rows" }, join: { after: "more store" } };
  expect(advised({ ...BRANCH, ...steps, after: { after: "join" } })).toEqual([6]);
  const [advice] = pipelineAdvice({
    tasks: tasks({ choose: BRANCH.choose, clean: { after: "choose" }, load: { after: "choose clean" } }),
  });
  expect(advice?.message).toBe(
    'Task "load" waits with all_success for "clean", of which branch "choose" may choose only some, beside itself: then it is skipped.',
  );
});

test("SK-5: a group that joins is named without its junction", () => {
  const start = { after: "bulk rows", execution: { via: "none", as: "gate" } } as const;
  const [advice] = pipelineAdvice({ tasks: tasks({ ...BRANCH, "load/start": start }) });
  expect(advice?.message).toMatch(/^Group "load" waits/);
});

test.each<[string, Parameters<typeof tasks>[0]]>([
  ["the rule for joins", { ...BRANCH, publish: { after: "bulk rows", when: "none_failed_min_one_success" } }],
  [
    "another rule that a skipped upstream does not stop",
    { ...BRANCH, publish: { after: "bulk rows", when: "all_done" } },
  ],
  ["one way alone", { ...BRANCH, more: { after: "bulk" }, last: { after: "more bulk" } }],
  [
    "ways that were joined before",
    { ...BRANCH, join: { after: "bulk rows", when: "none_failed" }, last: { after: "join" } },
  ],
  ["what does not hang on the branch", { ...BRANCH, other: {}, publish: { after: "other bulk" } }],
])("SK-5: %s is nothing to advise against", (_, parts) => {
  expect(advised(parts)).toEqual([]);
});

const FALLBACK = { primary: {}, mirror: { after: "primary", when: "one_failed" } } as const;

test("RS-1: a task that another one stands in for is advised to have allowFailure", () => {
  const load = { after: "primary mirror", when: "one_success" } as const;
  expect(pipelineAdvice({ tasks: tasks({ ...FALLBACK, load }) })).toEqual([
    {
      location: { file: "p.ts", line: 1 },
      message: 'When "primary" fails, "mirror" stands in for it and "load" goes on, but the run fails all the same.',
      hint: 'Write allowFailure: true in the options of "primary" if such a run is a success.',
    },
  ]);
  expect(advised({ ...FALLBACK, primary: { allowFailure: true }, load })).toEqual([]);
});

test("RS-1: a task that tells of a failure or cleans up at the end hides none, and nothing is said of it", () => {
  expect(
    advised({ ...FALLBACK, log: { after: "mirror" }, clean: { after: "primary mirror", when: "all_done" } }),
  ).toEqual([]);
});

test("a set-up that no tear-down names is advised against", () => {
  const drop = { after: "make", role: "teardown", cleanup: { setups: [0], work: [] } } as const;
  expect(advised({ make: { role: "setup" }, drop })).toEqual([]);
  expect(advised({ make: { role: "setup" }, load: { after: "make" } })).toEqual([1]);
});
