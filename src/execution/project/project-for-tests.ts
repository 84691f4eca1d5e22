import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { type CompiledProject, type CompileOptions, compileProject } from "./compile-project.ts";
import { findProject, type Project } from "./find-project.ts";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));

/** A user's project in a folder of its own, in which `batuta` and `zod` can be imported. */
export interface ProjectForTests {
  readonly dir: string;
  readonly options: CompileOptions;
  write(files: Readonly<Record<string, string>>): void;
  find(): Project;
  compile(changes?: Partial<CompileOptions>): Promise<CompiledProject>;
  remove(): void;
}

export function projectForTests(files: Readonly<Record<string, string>> = {}): ProjectForTests {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "batuta-project-")));
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(REPOSITORY, join(dir, "node_modules", "batuta"));
  symlinkSync(join(REPOSITORY, "node_modules", "zod"), join(dir, "node_modules", "zod"));
  const options: CompileOptions = { stateDir: join(dir, ".batuta"), files: localFiles, clock: systemClock };
  const project: ProjectForTests = {
    dir,
    options,
    write: (contents) => {
      for (const [path, text] of Object.entries(contents)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), text);
      }
    },
    find: () => findProject(dir, localFiles),
    compile: (changes) => compileProject(project.find(), { ...options, ...changes }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
  project.write(files);
  return project;
}

/** A pipeline file with one task. */
export function pipelineFile(name: string, body = 'task("only", () => 1);'): string {
  return `import { pipeline } from "batuta";\nexport default pipeline("${name}", ({ task }) => {\n  ${body}\n});\n`;
}
