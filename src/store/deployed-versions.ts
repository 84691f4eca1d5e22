import type { Reader } from "./transaction.ts";

/** The version in which each pipeline of a project runs now; undefined before anything was deployed. */
export async function deployedVersions(
  rows: Reader,
  project: string,
): Promise<(pipeline: string) => string | undefined> {
  const deployed = await rows.schedules.deployment(project);
  const kept = new Map(Object.entries(JSON.parse(deployed?.kept ?? "{}") as Record<string, string>));
  return (pipeline) => kept.get(pipeline) ?? deployed?.versionHash;
}
