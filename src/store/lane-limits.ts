import { isBackground, isShared } from "../core/background-share.ts";
import type { LaneView } from "../core/lane.ts";
import type { ScopeRow } from "./rows.ts";
import type { Reader } from "./transaction.ts";

/** The scopes of these lanes; with what attempts of backfills hold of those for which a backfill waits. */
export async function limitsOf(
  rows: Pick<Reader, "scopesOfLanes" | "backgroundUse">,
  lanes: readonly LaneView[],
): Promise<readonly ScopeRow[]> {
  const limited = lanes.filter(({ key }) => key.scopes.length > 0);
  if (limited.length === 0) return [];
  const behind = limited.filter((lane) => isBackground(lane) && lane.key.scopes.some(({ name }) => isShared(name)));
  const [scopes, uses] = await Promise.all([
    rows.scopesOfLanes(limited.map(({ id }) => id)),
    behind.length === 0 ? [] : rows.backgroundUse(behind.map(({ id }) => id)),
  ]);
  const held = new Map(uses.map((use) => [nameOf(use), use.background]));
  return scopes.map((row) => {
    const background = held.get(nameOf(row));
    return background === undefined ? row : { ...row, background };
  });
}

function nameOf({ project, name }: Pick<ScopeRow, "project" | "name">): string {
  return JSON.stringify([project, name]);
}
