/** The style sheet of the report. Colours are named once, for light and for dark; everything else uses the names. */
export const REPORT_STYLE = `
:root {
  --page: #f4f5f7; --card: #ffffff; --ink: #14202e; --soft: #5b6878; --line: #e3e7ec; --base: #9aa6b4;
  --land: #e9edf1; --border: #ffffff; --quiet: #b9c4d0; --ring: #ffffff;
  --band-0: #3f8fc4; --band-1: #9fb3c4; --band-2: #f3c24d; --band-3: #ef8d32; --band-4: #dc4a2b; --band-5: #94163a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d131b; --card: #161e29; --ink: #e9eef4; --soft: #95a3b3; --line: #263140; --base: #4d5c6e;
    --land: #222d3a; --border: #161e29; --quiet: #46566a; --ring: #161e29;
    --band-0: #4aa3dc; --band-1: #6d8299; --band-2: #e6b845; --band-3: #f2913d; --band-4: #f4633f; --band-5: #ff4f86;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
}
main { max-width: 1120px; margin: 0 auto; padding: 44px 20px 56px; }
header { margin-bottom: 28px; }
.kicker { margin: 0; color: var(--soft); font-weight: 600; }
h1 { margin: 2px 0 10px; font-size: 38px; line-height: 1.15; letter-spacing: -0.02em; text-wrap: balance; }
.lead { margin: 0; max-width: 54em; font-size: 18px; color: var(--soft); text-wrap: pretty; }
h2 { margin: 0; font-size: 18px; line-height: 1.3; letter-spacing: -0.01em; }
.about { margin: 3px 0 16px; color: var(--soft); }
.card, .tiles > div { background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.card { display: flex; flex-direction: column; padding: 22px 24px 20px; margin: 0 0 18px; min-width: 0; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 18px; margin: 0 0 18px; }
.tiles > div { padding: 16px 20px; }
dt { color: var(--soft); font-weight: 600; }
dd { margin: 0; }
dd b { display: block; font-size: 28px; line-height: 1.25; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
dd span { color: var(--soft); font-size: 14px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 18px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 6px; padding: 0; list-style: none; color: var(--soft); font-size: 14px; }
i { display: inline-block; width: 11px; height: 11px; border-radius: 50%; margin-right: 7px; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg.map { overflow: hidden; }
.bottom svg { margin-top: auto; }
svg text { fill: var(--ink); font-size: 14px; }
.states path { fill: var(--land); stroke: var(--border); stroke-width: 1.2; stroke-linejoin: round; }
.airports circle { stroke: var(--ring); stroke-width: 1; fill-opacity: 0.9; }
.airports circle:hover, .chart rect:hover, .chart g:hover > rect { filter: brightness(1.12); }
.labels text { text-anchor: middle; font-size: 15px; font-weight: 700; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; pointer-events: none; }
.grid { stroke: var(--line); }
.base { stroke: var(--base); }
.marker { stroke: var(--ink); stroke-dasharray: 3 4; }
svg .tick, svg .axis-title { fill: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
svg .note { fill: var(--soft); }
svg .strong { fill: var(--ink); font-size: 18px; font-weight: 700; }
svg .code { font-weight: 700; }
svg .name { fill: var(--soft); }
svg .value { font-variant-numeric: tabular-nums; }
rect.quiet { fill: var(--quiet); }
rect.faint { opacity: 0.35; }
.band-0 { fill: var(--band-0); background: var(--band-0); }
.band-1 { fill: var(--band-1); background: var(--band-1); }
.band-2 { fill: var(--band-2); background: var(--band-2); }
.band-3 { fill: var(--band-3); background: var(--band-3); }
.band-4 { fill: var(--band-4); background: var(--band-4); }
.band-5 { fill: var(--band-5); background: var(--band-5); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { padding: 0 0 6px; color: var(--soft); font-size: 13px; font-weight: 600; text-align: left; }
td { padding: 6px 0; border-top: 1px solid var(--line); }
td span { display: block; color: var(--soft); font-size: 13px; line-height: 1.3; }
.number { padding-left: 14px; text-align: right; white-space: nowrap; }
footer { padding: 8px 4px 0; color: var(--soft); font-size: 14px; }
footer p { margin: 0 0 4px; }
@media (max-width: 760px) {
  main { padding: 26px 14px 36px; }
  h1 { font-size: 29px; }
  .lead { font-size: 16px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 12px; margin-bottom: 12px; }
  .tiles > div { padding: 12px 14px; }
  dd b { font-size: 22px; }
  .pair { grid-template-columns: 1fr; }
  .card { padding: 16px 14px; margin-bottom: 12px; }
  .labels text { font-size: 25px; stroke-width: 6px; }
  svg .tick, svg .axis-title, svg text { font-size: 16px; }
}
@media print { body { background: none; } .card { break-inside: avoid; } }
`;
