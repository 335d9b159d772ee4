/**
 * Large numbers as people read them.
 *
 * @module
 */

const STEPS = [
  [1e15, "P"],
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
] as const;

/** A count with three digits and a letter: `1.31B`, `303M`, `960`. */
export function showCount(count: number): string {
  // 999,999 is 1.00M, not 1000K.
  const [size, letter] = STEPS.find(([size]) => count >= 0.9995 * size) ??
    [1, ""];
  return letter === ""
    ? String(Math.round(count))
    : `${threeDigits(count / size)}${letter}`;
}

/** A count with commas: `1,311,131,648`. */
export function showExactly(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** Floating-point operations: `177 GFLOP`. */
export function showFlops(flops: number): string {
  const shown = showCount(flops);
  const letter = shown.at(-1)!;
  if (!/[A-Z]/.test(letter)) return `${shown} FLOP`;
  return `${shown.slice(0, -1)} ${letter === "B" ? "G" : letter}FLOP`;
}

function threeDigits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
