import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join, relative } from "node:path";

// The repository runs from its sources, but Node strips no types inside node_modules: what is published is compiled.
// dist-package/ holds exactly that package; `npm pack ./dist-package` makes the archive.

const REPOSITORY = join(import.meta.dirname, "..");
const PACKAGE = join(REPOSITORY, "dist-package");
const DOCUMENTS = ["README.md", "CHANGELOG.md", "LICENSE"];

rmSync(PACKAGE, { recursive: true, force: true });
compile();
pointProgramsAtBuild();
copyAssets();
copyProgram();
writeManifest();
process.stdout.write(`Built ${PACKAGE}; npm pack ./dist-package makes the archive.\n`);

function compile(): void {
  const compiler = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc");
  const args = [compiler, "-p", "tsconfig.build.json"];
  const { status } = spawnSync(process.execPath, args, { cwd: REPOSITORY, stdio: "inherit" });
  // The compiler has said what is wrong.
  if (status !== 0) process.exit(1);
}

/** tsc turns imports of `.ts` files into `.js`, but not the paths of programs that are started as processes. */
function pointProgramsAtBuild(): void {
  const program = /new URL\("(\.[^"]+)\.ts", import\.meta\.url\)/g;
  for (const file of filesIn(join(PACKAGE, "dist"))) {
    if (extname(file) !== ".js") continue;
    const path = join(PACKAGE, "dist", file);
    const text = readFileSync(path, "utf8");
    const pointed = text.replaceAll(program, 'new URL("$1.js", import.meta.url)');
    if (pointed !== text) writeFileSync(path, pointed);
  }
}

/** What the program reads at run time lies beside the code that reads it: migrations, templates, Python. */
function copyAssets(): void {
  for (const file of filesIn(join(REPOSITORY, "src"))) {
    if (extname(file) === ".ts" || file.includes("__pycache__")) continue;
    cpSync(join(REPOSITORY, "src", file), join(PACKAGE, "dist", file));
  }
}

function copyProgram(): void {
  mkdirSync(join(PACKAGE, "bin"));
  cpSync(join(REPOSITORY, "bin", "batuta.js"), join(PACKAGE, "bin", "batuta.js"));
  for (const document of DOCUMENTS) cpSync(join(REPOSITORY, document), join(PACKAGE, document));
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

function writeManifest(): void {
  const manifest: Manifest = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
  const { scripts: _scripts, devDependencies: _tools, allowScripts: _allowed, ...published } = manifest;
  const exports = Object.fromEntries(Object.entries(manifest.exports).map(([name, target]) => [name, built(target)]));
  writeFileSync(join(PACKAGE, "package.json"), `${JSON.stringify({ ...published, exports }, null, 2)}\n`);
}

/** `./src/sdk/index.ts` -> its compiled file with its types; anything else stays. */
function built(target: string): string | { readonly types: string; readonly default: string } {
  const source = /^\.\/src\/(.+)\.ts$/.exec(target);
  if (source === null) return target;
  return { types: `./dist/${source[1]}.d.ts`, default: `./dist/${source[1]}.js` };
}

/** Relative paths of the files in a folder and those below. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
