/** A point on the drawing, in units of the map's view box. */
export type Point = readonly [x: number, y: number];

export const MAP_WIDTH = 975;
export const MAP_HEIGHT = 610;

/**
 * The usual map of the United States: Albers' equal-area conic projection, with Alaska (smaller), Hawaii and the
 * Caribbean moved below the lower 48 states. Degrees in, view box units out.
 */
export function projectUsa(longitude: number, latitude: number): Point {
  return project(regionOf(longitude, latitude), longitude, latitude);
}

/** An equal-area cone: distances are true along the two parallels; `centre` lands on `at`. */
interface Region {
  readonly parallels: readonly [number, number];
  readonly meridian: number;
  readonly centre: readonly [longitude: number, latitude: number];
  readonly scale: number;
  readonly at: Point;
}

const SCALE = 1300;
const LOWER_48: Region = region([29.5, 45.5], -96, [-96.6, 38.7], [0, 0]);
const ALASKA: Region = { ...region([55, 65], -154, [-156, 58.5], [-0.307, 0.201]), scale: SCALE * 0.35 };
const HAWAII: Region = region([8, 18], -157, [-160, 19.9], [-0.205, 0.212]);
const CARIBBEAN: Region = region([8, 18], -66, [-66, 18], [0.325, 0.215]);

/** `offset` from the middle of the map, in units of the scale. */
function region(parallels: Region["parallels"], meridian: number, centre: Region["centre"], offset: Point): Region {
  const at: Point = [MAP_WIDTH / 2 + offset[0] * SCALE, MAP_HEIGHT / 2 + offset[1] * SCALE];
  return { parallels, meridian, centre, scale: SCALE, at };
}

function regionOf(longitude: number, latitude: number): Region {
  // The Aleutian islands reach over the date line, to longitudes above 170 degrees.
  if (latitude > 50 && (longitude < -129 || longitude > 0)) return ALASKA;
  if (latitude < 30 && longitude < -150) return HAWAII;
  if (latitude < 20 && longitude > -70) return CARIBBEAN;
  return LOWER_48;
}

function project(region: Region, longitude: number, latitude: number): Point {
  const [x, y] = onCone(region, longitude, latitude);
  const [centreX, centreY] = onCone(region, ...region.centre);
  return [region.at[0] + region.scale * (x - centreX), region.at[1] - region.scale * (y - centreY)];
}

/** Snyder, Map Projections: A Working Manual, equations 14-1 to 14-6, on a sphere of radius 1. */
function onCone(region: Region, longitude: number, latitude: number): Point {
  const south = radians(region.parallels[0]);
  const n = (Math.sin(south) + Math.sin(radians(region.parallels[1]))) / 2;
  const c = Math.cos(south) ** 2 + 2 * n * Math.sin(south);
  const rho = Math.sqrt(c - 2 * n * Math.sin(radians(latitude))) / n;
  const theta = n * radians(turnWithin(longitude - region.meridian));
  return [rho * Math.sin(theta), -rho * Math.cos(theta)];
}

/** The same angle between -180 and 180 degrees. */
function turnWithin(degrees: number): number {
  return ((((degrees + 180) % 360) + 360) % 360) - 180;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
