import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { localFiles } from "../../ports/files.ts";
import { findProject } from "./find-project.ts";
import { type ProjectForTests, projectForTests } from "./project-for-tests.ts";

let project: ProjectForTests;

beforeEach(() => {
  project = projectForTests();
  return () => project.remove();
});

/** The error of reading this `batuta.json`. */
function settingsError(text: string): unknown {
  project.write({ "batuta.json": text });
  try {
    project.find();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown.");
}

test("the nearest folder upward with a batuta.json or a pipelines folder is the project", () => {
  project.write({ "pipelines/finance/x.ts": "", "inner/batuta.json": '{ "name": "inner" }', "inner/src/x.ts": "" });
  expect(findProject(join(project.dir, "pipelines", "finance"), localFiles)).toMatchObject({ dir: project.dir });
  expect(findProject(join(project.dir, "inner", "src"), localFiles)).toMatchObject({
    name: "inner",
    dir: join(project.dir, "inner"),
  });
});

test("the name of the folder is the project's name unless its settings say otherwise", () => {
  mkdirSync(join(project.dir, "pipelines"));
  expect(project.find().name).toBe(project.dir.split("/").at(-1));
  project.write({ "batuta.json": '{ "name": "sales", "pipelines": "./flows/", "connections": { "db": "$DB" } }' });
  expect(project.find()).toMatchObject({
    name: "sales",
    settings: { pipelines: "flows", exclude: [], connections: { db: "$DB" } },
  });
});

test("no project is an error with the command that makes one", () => {
  expect(() => project.find()).toThrow(
    expect.objectContaining({ code: "not_a_project", hint: expect.stringContaining("batuta init") }),
  );
});

test("a file that cannot be a pipeline is refused", () => {
  project.write({ "notes.md": "" });
  expect(() => findProject(join(project.dir, "notes.md"), localFiles)).toThrow(/is no pipeline file/);
});

test("settings that are no JSON are shown at their place", () => {
  expect(settingsError('{\n  "name": "sales",\n}')).toMatchObject({
    code: "invalid_definition",
    location: { file: "batuta.json", line: 3 },
    codeFrame: expect.stringContaining("> 3 | }"),
  });
  expect(settingsError("")).toMatchObject({ location: { file: "batuta.json", line: 1 } });
  expect(settingsError("[]")).toMatchObject({ message: "batuta.json holds no object." });
});

test.each([
  ['{ "nam": "x" }', "Unknown setting `nam`", "Did you mean `name`?"],
  ['{ "name": "a b" }', '`name` is "a b"', /letters, digits/],
  ['{ "pipelines": "/etc" }', '`pipelines` is "/etc"', /Name a folder/],
  ['{ "pipelines": "../x" }', '`pipelines` is "../x"', /Name a folder/],
  ['{ "exclude": "data" }', '`exclude` is "data"', /List folders/],
  ['{ "exclude": ["../x"] }', "`exclude` is", /List folders/],
  ['{ "connections": { "a b": "x" } }', "`connections` is", /duckdb:warehouse.duckdb/],
  ['{ "connections": { "db": 3 } }', "`connections` is", /duckdb:warehouse.duckdb/],
])("the setting %s is refused at its line", (text, message, hint) => {
  expect(settingsError(text)).toMatchObject({
    code: "invalid_definition",
    message: expect.stringContaining(message),
    hint: expect.stringMatching(hint),
    location: { file: "batuta.json", line: 1 },
  });
});
