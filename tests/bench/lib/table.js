/** A row's result for people. Portable. */

/** A row's line, and one for each further bound that it has. */
export function lines(row, result, options) {
  return [
    line(row, result, options),
    // What an earlier release did is held against the row's own bound.
    ...(result.further ?? []).map((part) =>
      line(part.sameBound ? { ...row, ...part } : part, part, options),
    ),
  ].join("\n");
}

function line(row, result, { quick } = {}) {
  const { title, unit = "×", atLeast, atMost } = row;
  const { median, low, high, rounds } = result;
  const bound =
    atLeast === undefined
      ? atMost === undefined
        ? ""
        : `at most ${atMost}`
      : `at least ${atLeast}`;
  const figure = unit === "×" ? `${short(median)}×` : `${short(median)} ${unit}`;
  const range = rounds > 1 && low !== high ? `${short(low)} to ${short(high)}` : "";
  return `| ${title} | ${bound} | ${figure} | ${range} | ${quick ? "" : verdict(row, result)} |`;
}

export const HEAD =
  "| row | bound | median | half of the rounds | |\n| --- | --- | --- | --- | --- |";

function verdict({ atLeast, atMost }, { median }) {
  if (atLeast === undefined && atMost === undefined) return "";
  return (atLeast === undefined || median >= atLeast) && (atMost === undefined || median <= atMost)
    ? "met"
    : "missed";
}

function short(value) {
  return Number(value.toPrecision(3)).toString();
}
