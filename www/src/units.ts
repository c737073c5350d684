/** Numbers as people read them, in their own language's way. */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** 12345678 as "12.3 MB": decimal units, as file managers and disks show them. */
export function bytes(count: number): string {
  let unit = 0;
  let value = count;
  // 999.95 would be shown as 1,000.
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: UNITS[unit] ?? "byte",
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: value < 100 && unit > 0 ? 1 : 0,
  }).format(value);
}

/** 12345678 as " (12,345,678 bytes)", to stand behind that; "" where it would say the same. */
export function exactly(count: number): string {
  if (count < 1000) return "";
  const exact = new Intl.NumberFormat(undefined, {
    style: "unit",
    unit: "byte",
    unitDisplay: "long",
  });
  return ` (${exact.format(count)})`;
}

/** 3700 as "1 hr 2 min": the two largest parts that matter. */
export function duration(seconds: number): string {
  if (seconds < 59.5) return unit(Math.max(1, Math.round(seconds)), "second");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, "minute");
  return `${unit(Math.floor(minutes / 60), "hour")} ${unit(minutes % 60, "minute")}`;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** An estimate, in one unit: "3 hours", "2 years". */
export function magnitude(seconds: number): string {
  if (seconds < HOUR) return unit(Math.max(1, Math.round(seconds / 60)), "minute", "long");
  if (seconds < 2 * DAY) return unit(Math.round(seconds / HOUR), "hour", "long");
  if (seconds < 2 * YEAR) return unit(Math.round(seconds / DAY), "day", "long");
  return unit(Number((seconds / YEAR).toPrecision(1)), "year", "long");
}

export function percent(fraction: number): string {
  return new Intl.NumberFormat(undefined, { style: "percent" }).format(fraction);
}

export function integer(value: number): string {
  return new Intl.NumberFormat().format(value);
}

export function list(items: readonly string[]): string {
  return new Intl.ListFormat(undefined, { type: "conjunction" }).format(items);
}

/** Of which one is enough. */
export function anyOf(items: readonly string[]): string {
  return new Intl.ListFormat(undefined, { type: "disjunction" }).format(items);
}

function unit(
  value: number,
  name: "second" | "minute" | "hour" | "day" | "year",
  unitDisplay: "short" | "long" = "short",
): string {
  return new Intl.NumberFormat(undefined, { style: "unit", unit: name, unitDisplay }).format(value);
}
