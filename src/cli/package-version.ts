import { createRequire } from "node:module";
import { dirname } from "node:path";
import { localFiles } from "../ports/files.ts";

/** The folder of the running package, wherever it is installed. */
export function packageFolder(): string {
  return dirname(packageFile());
}

/** Version of the running package. */
export function packageVersion(): string {
  const { version }: { version: string } = JSON.parse(localFiles.readText(packageFile()));
  return version;
}

function packageFile(): string {
  // A package may import itself by name, so this holds from the sources and from a build alike.
  return createRequire(import.meta.url).resolve("batuta/package.json");
}
