import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { localFiles } from "../ports/files.ts";
import { packageFolder, packageVersion } from "./package-version.ts";
import type { StarterDependencies } from "./starter-project.ts";

/** A clone is used from where it is; an installed package by its version. */
export function starterDependencies(): StarterDependencies {
  const own = localFiles.realPath(packageFolder());
  const clone = !own.split(/[/\\]/).includes("node_modules");
  const bringsNode = localFiles.exists(join(own, "node_modules", "node", "package.json"));
  return {
    batuta: clone ? `file:${own}` : `^${packageVersion()}`,
    zod: `^${versionIn(folderOf("zod"))}`,
    ...(bringsNode ? { node: `^${versionIn(join(own, "node_modules", "node"))}` } : {}),
  };
}

/**
 * Links the packages that this very Batuta uses into the project, so that it runs before, and without, any
 * `npm install`. What is already installed there stays. Gives the names of the linked ones.
 */
export function linkPackages(folder: string, { node }: StarterDependencies): readonly string[] {
  const own = localFiles.realPath(packageFolder());
  const links = [
    ["batuta", own],
    ["zod", folderOf("zod")],
    [".bin/batuta", join(own, "bin", "batuta.js")],
    ...(node === undefined
      ? []
      : NODE_LINKS.map(([name, inside]) => [name, join(own, "node_modules", inside)] as const)),
  ] as const;
  return links.flatMap(([name, target]) => {
    const path = join(folder, "node_modules", name);
    if (localFiles.exists(path)) return [];
    localFiles.makeFolder(dirname(path));
    localFiles.link(target, path);
    return [name];
  });
}

const NODE_LINKS = [
  ["node", "node"],
  [".bin/node", "node/bin/node"],
] as const;

function folderOf(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

function versionIn(folder: string): string {
  const { version }: { version: string } = JSON.parse(localFiles.readText(join(folder, "package.json")));
  return version;
}
