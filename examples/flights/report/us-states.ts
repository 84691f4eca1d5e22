import { type Point, projectUsa } from "./albers-usa.ts";

/**
 * The part of a TopoJSON file that holds the states: borders are arcs that neighbours share, each point of an arc is
 * the step from the point before it, and a negative index means the arc `~index` backwards.
 */
export interface Topology {
  readonly transform: { readonly scale: Point; readonly translate: Point };
  readonly arcs: readonly (readonly Point[])[];
  readonly objects: { readonly states: { readonly geometries: readonly Geometry[] } };
}

type Geometry =
  | { readonly type: "Polygon"; readonly arcs: readonly Ring[] }
  | { readonly type: "MultiPolygon"; readonly arcs: readonly (readonly Ring[])[] };

type Ring = readonly number[];

/** A point less than this off a straight line is left out; islands smaller than `ISLAND_MIN` are not drawn. */
const TOLERANCE = 0.6;
const ISLAND_MIN = 2.5;

/** One SVG path per state, projected. Arcs are simplified once, so that neighbours still meet without gaps. */
export function statePaths(topology: Topology): readonly string[] {
  const arcs = topology.arcs.map((arc) => lazily(() => simplify(projectArc(topology.transform, arc))));
  return topology.objects.states.geometries.map((geometry) =>
    ringsOf(geometry)
      .map((ring) => ring.flatMap((index) => arcPoints(arcs, index)))
      .filter((points) => extent(points) >= ISLAND_MIN)
      .map(pathOf)
      .join(""),
  );
}

function ringsOf(geometry: Geometry): readonly Ring[] {
  return geometry.type === "Polygon" ? geometry.arcs : geometry.arcs.flat();
}

function arcPoints(arcs: readonly (() => readonly Point[])[], index: number): readonly Point[] {
  const points = arcs[index < 0 ? ~index : index]?.() ?? [];
  return index < 0 ? points.toReversed() : points;
}

function projectArc({ scale, translate }: Topology["transform"], arc: readonly Point[]): readonly Point[] {
  let x = 0;
  let y = 0;
  return arc.map(([stepX, stepY]) => {
    x += stepX;
    y += stepY;
    return projectUsa(x * scale[0] + translate[0], y * scale[1] + translate[1]);
  });
}

/** Douglas and Peucker: keep the ends; keep the point farthest from the line between them if it is far enough off. */
function simplify(points: readonly Point[]): readonly Point[] {
  const first = points[0];
  const last = points[points.length - 1];
  if (first === undefined || last === undefined || points.length < 3) return points;
  const distances = points.map((point) => distanceToLine(point, first, last));
  const farthest = Math.max(...distances);
  if (farthest <= TOLERANCE) return [first, last];
  const at = distances.indexOf(farthest);
  return [...simplify(points.slice(0, at + 1)), ...simplify(points.slice(at)).slice(1)];
}

function distanceToLine([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const length = Math.hypot(toX - fromX, toY - fromY);
  if (length === 0) return Math.hypot(x - fromX, y - fromY);
  return Math.abs((toX - fromX) * (fromY - y) - (fromX - x) * (toY - fromY)) / length;
}

function extent(points: readonly Point[]): number {
  const across = points.map((point) => point[0]);
  const down = points.map((point) => point[1]);
  return Math.max(Math.max(...across) - Math.min(...across), Math.max(...down) - Math.min(...down));
}

function pathOf(points: readonly Point[]): string {
  const drawn = points.map((point) => point.map((value) => value.toFixed(1)).join(","));
  const distinct = drawn.filter((point, index) => point !== drawn[index - 1]);
  return `M${distinct.join("L")}Z`;
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
