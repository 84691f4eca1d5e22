import { Visitor } from "@swc/core/Visitor.js";
import type { IConfiguration, IForbiddenRuleType } from "dependency-cruiser";

/**
 * The arrows of ARCHITECTURE.md: which room of src/ may import which, and which modules of Node and npm belong to whom.
 * Type-only imports count: a type is knowledge too. swc parses, because TypeScript 7 has no parser for other tools.
 */

/** Room -> the rooms it may import besides itself. A room that is not listed here may not exist. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ports: ["core"],
  store: ["core", "ports"],
  execution: ["core", "ports"],
  engine: ["core", "ports", "store", "execution"],
  sdk: ["core"],
  tasks: ["core", "ports", "sdk"],
  testing: ["core", "ports", "store", "execution", "engine", "sdk"],
  server: ["core", "ports", "store", "engine"],
  cli: ["core", "ports", "store", "execution", "engine", "sdk", "tasks", "testing", "server"],
};

/** Files that only tests load: they may use what the package does not ship. */
const TEST_FILES = "\\.test\\.ts$|-conformance\\.ts$|-for-tests\\.ts$|/conformance/|^src/testing/simulator/";

/** Node modules that read the machine; only src/ports wraps them. Tests may use them, but not those that tell time or chance. */
const MACHINE = "^(fs|fs/promises|net|http|https|http2|tls|dgram|dns|dns/promises|child_process|cluster|os|readline)$";
const TIME_AND_CHANCE = "^(timers|timers/promises|perf_hooks|worker_threads|crypto|inspector)$";

const rooms = Object.entries(ARROWS);

const configuration: IConfiguration = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "A cycle means that neither file can be read first. Move what both need into a file of its own.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "resolvable",
      comment: "The import names a file or package that is not there.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    ...rooms.map(
      ([room, others]): IForbiddenRuleType => ({
        name: `arrows-${room}`,
        comment: `src/${room} may import ${["itself", ...others].join(", ")}; see ARROWS in .dependency-cruiser.ts.`,
        severity: "error",
        from: { path: `^src/${room}/`, pathNot: TEST_FILES },
        to: { path: "^src/", pathNot: `^src/(${[room, ...others].join("|")})/` },
      }),
    ),
    {
      name: "only-known-rooms",
      comment: "src/ has ten rooms and no file of its own.",
      severity: "error",
      from: {},
      to: { path: "^src/", pathNot: `^src/(${Object.keys(ARROWS).join("|")})/` },
    },
    {
      name: "engine-sees-the-executor-interface",
      comment: "The engine gives orders and hears reports; how an attempt runs is not its business.",
      severity: "error",
      from: { path: "^src/engine/", pathNot: TEST_FILES },
      to: { path: "^src/execution/", pathNot: "^src/execution/executor\\.ts$" },
    },
    {
      name: "nothing-imports-cli",
      comment: "cli is the composition root: bin/ starts it, others run the command.",
      severity: "error",
      from: { pathNot: "^src/cli/|^bin/" },
      to: { path: "^src/cli/" },
    },
    {
      name: "src-stands-alone",
      comment: "What ships does not import examples, benchmarks, scripts or documents.",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(examples|bench|scripts|docs|bin|ui|python)/" },
    },
    {
      name: "nothing-imports-tests",
      comment: "A test is a leaf. What two tests share is a named file beside them.",
      severity: "error",
      from: {},
      to: { path: "\\.test\\.ts$" },
    },
    {
      name: "only-tests-import-test-files",
      comment: "Conformance suites, the simulator and files named -for-tests load what the package does not ship.",
      severity: "error",
      from: { path: "^src/", pathNot: TEST_FILES },
      to: { path: "(-conformance|-for-tests)\\.ts$|/conformance/|^src/testing/simulator/" },
    },
    {
      name: "examples-use-the-public-entry-points",
      comment: "An example shows what a user can write: batuta, batuta/tasks, batuta/testing.",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^src/", pathNot: "^src/(sdk|tasks|testing)/index\\.ts$" },
    },
    {
      name: "core-is-pure",
      comment: "core reads no clock, no file, no environment; croner (time zones) is its only package.",
      severity: "error",
      from: { path: "^src/core/", pathNot: TEST_FILES },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-optional", "npm-peer"], pathNot: "/croner/" },
    },
    {
      name: "ports-own-the-machine",
      comment: "Files, network and processes come from src/ports.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/ports/|${TEST_FILES}` },
      to: { dependencyTypes: ["core"], path: MACHINE },
    },
    {
      name: "ports-own-time-and-chance",
      comment:
        "Clock, timers and randomness come from src/ports, in tests as well: move the clock instead of sleeping.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/ports/" },
      to: { dependencyTypes: ["core"], path: TIME_AND_CHANCE },
    },
    {
      name: "databases-live-in-store-and-tasks",
      comment: "Nothing but the store writes the truth; task kinds reach the user's databases.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(store|tasks)/|${TEST_FILES}` },
      to: { path: "^(node:)?sqlite$|/node_modules/(pg|@duckdb)/|^node_modules/(pg|@types/pg|@duckdb)/" },
    },
    {
      name: "what-ships-needs-no-dev-dependency",
      comment:
        "A user installs dependencies only; a type vanishes at run time, and an optional peer is asked for where it is used.",
      severity: "error",
      from: { path: "^(src|bin)/", pathNot: TEST_FILES },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(\\.batuta|dist|dist-package)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types", "default"],
      mainFields: ["module", "main", "types"],
    },
  },
};

export default configuration;

// swc parses `using`, but the walk over its tree that dependency-cruiser takes is older and would stop there.
interface UsingDeclaration {
  readonly decls: Parameters<Visitor["visitVariableDeclarators"]>[0];
}

function isUsing(statement: object): statement is UsingDeclaration {
  return "type" in statement && statement.type === "UsingDeclaration";
}

const visitStatement = Visitor.prototype.visitStatement;
Visitor.prototype.visitStatement = function visitStatementOrUsing(statement) {
  const found: object = statement;
  if (!isUsing(found)) return visitStatement.call(this, statement);
  this.visitVariableDeclarators(found.decls);
  return statement;
};
