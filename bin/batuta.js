#!/usr/bin/env node
// Whatever Node the machine has parses this file, so it keeps to old syntax and bare module names. It owns three things:
// the right Node, the answer to --version without loading anything, and the compile cache. All else is src/cli/main.ts.
import childProcess from "child_process";
import fs from "fs";
import module from "module";
import os from "os";
import path from "path";
import url from "url";

const NODE_MAJOR_MIN = 24;
const THIS_FILE = fs.realpathSync(url.fileURLToPath(import.meta.url));
const PACKAGE_FOLDER = path.dirname(path.dirname(THIS_FILE));

start(process.argv.slice(2));

function start(argv) {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    process.stdout.write(`${versionOf(PACKAGE_FOLDER)}\n`);
  } else if (majorOf(process.versions.node) < NODE_MAJOR_MIN) {
    runWithNewerNode(argv);
  } else {
    enableCompileCache();
    silenceExperimentalWarnings();
    void runMain(argv);
  }
}

function runMain(argv) {
  // A clone runs from its sources; Node strips no types inside node_modules, so the published package carries a build.
  const sources = path.join(PACKAGE_FOLDER, "src", "cli", "main.ts");
  const build = path.join(PACKAGE_FOLDER, "dist", "cli", "main.js");
  return import(url.pathToFileURL(fs.existsSync(sources) ? sources : build).href)
    .then(({ main }) => main(argv))
    .then((exitCode) => {
      process.exitCode = exitCode;
    });
}

/** A project that depends on the package `node` brings its own Node: use that one, as npm scripts do. */
function runWithNewerNode(argv) {
  const node = newerNode();
  if (node === undefined) {
    process.stderr.write(
      `batuta needs Node ${NODE_MAJOR_MIN} or newer; this is Node ${process.versions.node} (${process.execPath}).\n` +
        `Install it from https://nodejs.org, or let the project bring it: npm install --save-dev node@${NODE_MAJOR_MIN}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const child = childProcess.spawn(node, [THIS_FILE].concat(argv), { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both processes, and twice would mean "at once" to the child.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`batuta could not start ${node}: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on("exit", (exitCode, signal) => {
    if (signal !== null) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else {
      process.exitCode = exitCode;
    }
  });
}

function newerNode() {
  return foldersAbove(process.cwd())
    .concat(foldersAbove(PACKAGE_FOLDER))
    .map((folder) => path.join(folder, "node_modules", "node"))
    .filter((folder) => majorOf(versionOf(folder)) >= NODE_MAJOR_MIN)
    .map((folder) => path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node"))
    .find((program) => fs.existsSync(program));
}

function foldersAbove(folder) {
  const above = path.dirname(folder);
  return above === folder ? [folder] : [folder].concat(foldersAbove(above));
}

/** `version` of the package in a folder; "0" when there is none. */
function versionOf(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")).version;
  } catch {
    return "0";
  }
}

function majorOf(version) {
  return Number(version.split(".")[0]);
}

/**
 * Keeps compiled code between starts, in a folder of this user alone: Node's own choice is the temporary folder, where
 * others can write. Without such a folder, or with a read-only one, everything is compiled anew and nobody is told.
 */
function enableCompileCache() {
  const cache = userCacheFolder();
  if (cache !== undefined) module.enableCompileCache(path.join(cache, "batuta", "node"));
}

function userCacheFolder() {
  const home = os.homedir();
  if (process.platform === "win32") return process.env.LOCALAPPDATA;
  if (home === "") return undefined;
  if (process.platform === "darwin") return path.join(home, "Library", "Caches");
  return process.env.XDG_CACHE_HOME || path.join(home, ".cache");
}

/** Early releases of Node 24 call their SQLite experimental on every start: our choice to make and test, not the user's news. */
function silenceExperimentalWarnings() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    const [options] = rest;
    const type = typeof options === "object" && options !== null ? options.type : options;
    if (type !== "ExperimentalWarning") emitWarning.call(process, warning, ...rest);
  };
}
