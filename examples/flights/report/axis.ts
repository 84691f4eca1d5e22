import { type Markup, markup } from "./markup.ts";
import type { Scale } from "./scale.ts";

/** The rectangle in which a chart draws its data, inside the view box. */
export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Horizontal grid lines with their values on the left; the line at zero is stronger. */
export function valueGrid(plot: Plot, ticks: readonly number[], scale: Scale): Markup {
  const lines = ticks.map((tick) => {
    const y = scale(tick);
    return markup`<line class="${tick === 0 ? "base" : "grid"}" x1="${plot.left}" x2="${plot.right}" y1="${y}" y2="${y}"/>
      <text class="tick" x="${plot.left - 6}" y="${y + 4}" text-anchor="end">${tickText(tick)}</text>`;
  });
  return markup`<g>${lines}</g>`;
}

/** The title of the vertical axis, above its values, read without turning the head. */
export function valueAxisTitle(plot: Plot, title: string): Markup {
  return markup`<text class="axis-title" x="0" y="${plot.top - 16}">${title}</text>`;
}

/** The title of the horizontal axis, centred under it. */
export function placeAxisTitle(plot: Plot, y: number, title: string): Markup {
  return markup`<text class="axis-title" x="${(plot.left + plot.right) / 2}" y="${y}" text-anchor="middle">${title}</text>`;
}

function tickText(value: number): string {
  return value.toLocaleString("en-US").replace("-", "−");
}
