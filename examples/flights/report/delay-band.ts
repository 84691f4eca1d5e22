/** The steps in which every chart colours a delay; `band-<n>` is a class whose colour depends on light or dark. */
export const DELAY_BANDS = [
  { className: "band-0", label: "early", below: 0 },
  { className: "band-1", label: "0–15 min", below: 15 },
  { className: "band-2", label: "15–30", below: 30 },
  { className: "band-3", label: "30–45", below: 45 },
  { className: "band-4", label: "45–60", below: 60 },
  { className: "band-5", label: "60 min or more", below: Number.POSITIVE_INFINITY },
] as const;

export function bandClass(delayMinutes: number): string {
  const band = DELAY_BANDS.find((candidate) => delayMinutes < candidate.below);
  return (band ?? DELAY_BANDS[0]).className;
}
