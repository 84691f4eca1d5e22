/**
 * Ready-made kinds of tasks: what a task can be given in place of a function. Each is made by `defineTaskKind` and
 * nothing else, so that a package of yours can do the same.
 *
 * @example
 * import { pipeline } from "batuta";
 * import { http, python, shell, sql } from "batuta/tasks";
 */
export { type PythonOptions, python } from "./python/python.ts";
export { type ShellFileOptions, type ShellOptions, shell } from "./shell/shell.ts";
export type { Interpolated } from "./tagged-text.ts";
