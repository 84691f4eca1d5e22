import { expect, it } from "vitest";
import { MAP_HEIGHT, MAP_WIDTH, type Point, projectUsa } from "./albers-usa.ts";

it("puts the middle of the lower 48 states into the middle of the map", () => {
  const [x, y] = projectUsa(-96.6, 38.7);
  expect(x).toBeCloseTo(MAP_WIDTH / 2);
  expect(y).toBeCloseTo(MAP_HEIGHT / 2);
});

it("keeps areas: cells of equal area on the globe are of equal area on the map", () => {
  const south = cellArea(-110, 27);
  for (const [longitude, latitude] of [
    [-75, 35],
    [-122, 40],
    [-96, 48],
  ] as const) {
    expect(cellArea(longitude, latitude) / south).toBeCloseTo(1, 3);
  }
});

it.each([
  ["Seattle", -122.31, 47.45],
  ["Miami", -80.29, 25.79],
  ["Caribou", -68.04, 46.87],
  ["Barrow", -156.77, 71.29],
  ["Unalaska", -166.54, 53.9],
  ["Honolulu", -157.92, 21.32],
  ["San Juan", -66.0, 18.44],
  ["Christiansted", -64.8, 17.7],
])("has %s on the map", (_, longitude, latitude) => {
  const [x, y] = projectUsa(longitude, latitude);
  expect(x > 0 && x < MAP_WIDTH && y > 0 && y < MAP_HEIGHT).toBe(true);
});

it("has north above south and west left of east, in Alaska and over the date line too", () => {
  expect(projectUsa(-100, 40)[1]).toBeLessThan(projectUsa(-100, 35)[1]);
  expect(projectUsa(-150, 65)[1]).toBeLessThan(projectUsa(-150, 60)[1]);
  expect(projectUsa(175, 52)[0]).toBeLessThan(projectUsa(-175, 52)[0]);
});

/** Area on the map of a cell a tenth of a degree wide whose height makes all cells equal on the globe. */
function cellArea(longitude: number, latitude: number): number {
  const height = 0.1 / Math.cos((latitude * Math.PI) / 180);
  const corners: readonly Point[] = [
    projectUsa(longitude, latitude - height / 2),
    projectUsa(longitude + 0.1, latitude - height / 2),
    projectUsa(longitude + 0.1, latitude + height / 2),
    projectUsa(longitude, latitude + height / 2),
  ];
  const crossed = corners.map(([x, y], index) => {
    const [nextX, nextY] = corners[(index + 1) % corners.length] ?? [0, 0];
    return x * nextY - nextX * y;
  });
  return Math.abs(crossed.reduce((sum, part) => sum + part, 0)) / 2;
}
