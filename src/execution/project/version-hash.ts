import { sha256Hex } from "../../ports/digest.ts";
import type { SourceFile } from "./collect-sources.ts";

export interface VersionIngredients {
  readonly sources: readonly SourceFile[];
  readonly nodeMajor: number;
  readonly batutaVersion: string;
  /** The project is this one file, and not every file of the pipelines folder. */
  readonly onlyFile?: string;
}

/**
 * The name of a version: SHA-256 (hex) over what it is made of. No absolute path and no time of day is in it, so equal
 * content has the equal name on every machine.
 */
export function versionHash({ sources, nodeMajor, batutaVersion, onlyFile }: VersionIngredients): string {
  const header = ["batuta version 1", `node ${nodeMajor}`, `batuta ${batutaVersion}`, `only ${onlyFile ?? ""}`];
  const lines = sources.map(({ path, content }) => `${sha256Hex(content)} ${path}`);
  return sha256Hex([...header, ...lines].join("\n"));
}
