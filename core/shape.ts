/**
 * Shapes, and the axis letters that the documentation uses, checked.
 *
 * @module
 */

import { RookeryError } from "./errors.ts";

/** Sizes of a value, outermost first. `[]` is a single number. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether two shapes are the same. */
export function isSameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** Text of a shape for messages, e.g. `[2, 64, 576]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Elements between neighbours along each axis of a dense row-major value. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) {
    strides[i] = strides[i + 1]! * shape[i + 1]!;
  }
  return strides;
}

/** Shape of `a` and `b` broadcast against each other (NumPy's rule). */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new RookeryError(
        "shape",
        `Cannot apply ${op} as ${showShape(a)} and ${showShape(b)} do not ` +
          `broadcast: sizes ${left} and ${right} differ and neither is 1`,
        { op, expected: a, actual: b },
      );
    }
    return left === 1 ? right : left;
  });
}

/**
 * Names the axes of a shape and checks them: `bindAxes("rope", shape, "b l h k",
 * { k: 64 })` returns `{ b, l, h, k }` or throws an error that names the axis.
 */
export function bindAxes<Axes extends string>(
  op: string,
  shape: Shape,
  axes: Axes,
  known: Readonly<Record<string, number>> = {},
): Record<string, number> {
  const names = axes.split(" ");
  const bound: Record<string, number> = {};
  const isFit = names.length === shape.length && names.every((name, i) => {
    const size = shape[i]!;
    const want = bound[name] ?? known[name] ?? size;
    bound[name] = size;
    return want === size;
  });
  if (isFit) return bound;
  const rule = names.map((n) => n in known ? `${n}=${known[n]}` : n).join(", ");
  throw new RookeryError(
    "shape",
    `Cannot apply ${op} as a value must have the axes [${rule}]: ` +
      `its shape is ${showShape(shape)}`,
    { op, expected: rule, actual: shape },
  );
}
