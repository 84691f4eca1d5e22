import { expect, onTestFinished, test } from "vitest";
import { projectForTests } from "./project-for-tests.ts";

function after(name: string, other: string): string {
  return `import { onPipeline, pipeline } from "batuta";
export default pipeline("${name}", { on: onPipeline("${other}") }, ({ task }) => {
  task("only", () => 1);
});
`;
}

test("a trigger on a pipeline that is not there is told at its place, with the name that is near", async () => {
  const project = projectForTests({
    "pipelines/a.ts": after("load", "sales_raw"),
    "pipelines/b.ts": after("sales_row", "load"),
  });
  onTestFinished(project.remove);
  const { problems, manifest } = await project.compile();
  expect(problems).toMatchObject([
    {
      severity: "error",
      message: 'Pipeline "load" waits for runs of "sales_raw", which the project does not have.',
      hint: 'Did you mean "sales_row"?',
      location: { file: "pipelines/a.ts", line: 2 },
      codeFrame: expect.stringContaining('onPipeline("sales_raw")'),
    },
  ]);
  expect(manifest.pipelines.map(({ triggers }) => triggers?.[0]?.location.file)).toEqual([
    ...["pipelines/a.ts", "pipelines/b.ts"],
  ]);
});

test("pipelines that start each other in a circle are an error that prints the path", async () => {
  const project = projectForTests({
    ...{ "pipelines/a.ts": after("a", "c"), "pipelines/b.ts": after("b", "a"), "pipelines/c.ts": after("c", "b") },
    "pipelines/d.ts": after("d", "c"),
  });
  onTestFinished(project.remove);
  expect((await project.compile()).problems).toMatchObject([
    {
      message: "Pipelines start each other in a circle, without end: a → b → c → a.",
      location: { file: "pipelines/a.ts", line: 2 },
    },
  ]);
});

test("files that are waited for and are sources of the project are warned of, until they are excluded", async () => {
  const load = `import { onFile, pipeline } from "batuta";
const on = [onFile("./in/*.csv"), onFile("in/*.txt", { name: "texts" }), onFile("*.md", { name: "here" }), onFile("/in/*.csv", { name: "there" })];
export default pipeline("load", { on }, ({ task }) => void task("only", () => 1));
`;
  const files = { "pipelines/a.ts": load, "in/a.csv": "1", "README.md": "" };
  const project = projectForTests(files);
  onTestFinished(project.remove);
  expect((await project.compile()).problems).toMatchObject([
    {
      severity: "warning",
      message: expect.stringContaining('Pipeline "load" waits for files ./in/*.csv, and such files are sources'),
      hint: 'Keep the folder out of the sources, in batuta.json: "exclude": ["in"].',
      location: { file: "pipelines/a.ts", line: 2 },
    },
  ]);
  const apart = projectForTests({ ...files, "batuta.json": '{ "exclude": ["in"] }' });
  onTestFinished(apart.remove);
  expect((await apart.compile()).problems).toEqual([]);
});
