const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const LONG_DAY = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

/** 16503 -> "16,503" */
export function whole(value: number): string {
  return WHOLE.format(value);
}

/** 26.87 -> "26.9 min"; a true minus sign before early arrivals. */
export function minutes(value: number): string {
  return `${TENTHS.format(value).replace("-", "−")} min`;
}

/** 135 -> "2 h 15 min" */
export function hoursAndMinutes(value: number): string {
  const hours = Math.floor(value / 60);
  const rest = Math.round(value % 60);
  return hours === 0 ? `${rest} min` : `${hours} h ${rest} min`;
}

/** 0.3923 -> "39.2 %" */
export function percent(share: number): string {
  return `${TENTHS.format(share * 100)} %`;
}

/** 7 -> "07:00 and 08:00" */
export function hourSpan(hour: number): string {
  return `${twoDigits(hour)}:00 and ${twoDigits(hour + 1)}:00`;
}

/** "2001-06-15" -> "Friday, 15 June 2001" */
export function longDay(day: string): string {
  return LONG_DAY.format(new Date(`${day}T00:00:00Z`)).replace(/^(\w+) /, "$1, ");
}

export function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
