import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SOURCES } from "../day-files.ts";
import type { Point } from "./albers-usa.ts";
import { statePaths, type Topology } from "./us-states.ts";

it("draws the 50 states, the capital's district, Puerto Rico and the Virgin Islands", () => {
  const paths = statePaths(JSON.parse(readFileSync(SOURCES.states, "utf8")));
  expect(paths).toHaveLength(53);
  for (const path of paths) expect(path).toMatch(/^(M-?\d+\.\d,-?\d+\.\d(L-?\d+\.\d,-?\d+\.\d)+Z)+$/);
});

it("gives neighbours the same border, one of them backwards", () => {
  const [west, east] = statePaths(TWO_SQUARES).map(pointsOf);
  const border = west?.filter((point) => east?.includes(point)) ?? [];
  expect(border.length).toBeGreaterThanOrEqual(2);
  expect(east?.filter((point) => border.includes(point))).toEqual(border.toReversed());
});

it("leaves out points that lie on a line, and islands too small to see", () => {
  const [west] = statePaths(TWO_SQUARES).map(pointsOf);
  // Four corners and the end that closes the ring; the point in the middle of the southern side is gone.
  expect(west).toHaveLength(5);
  expect(statePaths({ ...TWO_SQUARES, ...SMALL_SCALE })).toEqual(["", ""]);
});

/** Two squares of one degree: arc 0 is their border, northwards; arcs 1 and 2 are the rest of the western and eastern. */
const TWO_SQUARES: Topology = {
  ...withArcs([
    [
      [-98, 38],
      [0, 1],
    ],
    [
      [-98, 39],
      [-1, 0],
      [0, -1],
      [0.5, 0],
      [0.5, 0],
    ],
    [
      [-98, 38],
      [1, 0],
      [0, 1],
      [-1, 0],
    ],
  ]),
  objects: {
    states: {
      geometries: [
        { type: "Polygon", arcs: [[0, 1]] },
        { type: "MultiPolygon", arcs: [[[2, ~0]]] },
      ],
    },
  },
};

const SMALL_SCALE = { transform: { scale: [0.01, 0.01], translate: [-97, 38] } } as const;

function withArcs(arcs: readonly (readonly Point[])[]): Omit<Topology, "objects"> {
  return { transform: { scale: [1, 1], translate: [0, 0] }, arcs };
}

function pointsOf(path: string): readonly string[] {
  return path.slice(1, -1).split("L");
}
