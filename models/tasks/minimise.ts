/**
 * Minimises smooth convex functions: L-BFGS (Nocedal and Wright, Numerical
 * Optimization, algorithm 7.4) with backtracking, in f64.
 *
 * @module
 */

/** A value and its gradient. */
export interface ValueAndGradient {
  /** Value of the function. */
  readonly value: number;
  /** Its gradient [n], the caller's to keep. */
  readonly gradient: Float64Array;
}

/** When to stop. */
export interface MinimiseOptions {
  /** Stops where no part of the gradient is larger. Default 1e-6. */
  readonly tolerance?: number;
  /** Stops after so many steps in any case. Default 1000. */
  readonly maxSteps?: number;
}

/** Where a search ended. */
export interface Minimum extends ValueAndGradient {
  /** The point [n]. */
  readonly x: Float64Array;
  /** Steps taken. */
  readonly steps: number;
}

/** Steps that are remembered. */
const MEMORY = 10;
/** Share of the foretold fall that a step must bring. */
const SUFFICIENT = 1e-4;
const MOST_HALVINGS = 40;

interface Step {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly rho: number;
}

/** The minimum of a function, from a point that it may start at. */
export function minimise(
  evaluate: (x: Float64Array) => ValueAndGradient,
  start: Float64Array,
  { tolerance = 1e-6, maxSteps = 1000 }: MinimiseOptions = {},
): Minimum {
  let x = start, at = evaluate(start), steps = 0;
  const memory: Step[] = [];
  while (steps < maxSteps && largest(at.gradient) > tolerance) {
    const direction = descent(at.gradient, memory);
    const slope = dot(direction, at.gradient);
    const first = memory.length > 0 ? 1 : 1 / Math.max(1, norm(at.gradient));
    const found = backtrack(evaluate, { x, at, direction, slope, first });
    // Rounding leaves nothing to gain.
    if (found === undefined) break;
    const s = difference(found.x, x);
    const y = difference(found.at.gradient, at.gradient);
    const curvature = dot(s, y);
    if (curvature > 1e-12 * norm(s) * norm(y)) {
      memory.push({ s, y, rho: 1 / curvature });
      if (memory.length > MEMORY) memory.shift();
    }
    ({ x, at } = found);
    steps++;
  }
  return { x, ...at, steps };
}

/** Minus the inverse Hessian's estimate times the gradient (two loops). */
function descent(
  gradient: Float64Array,
  memory: readonly Step[],
): Float64Array {
  const q = gradient.slice();
  const alphas = memory.toReversed().map(({ s, y, rho }) => {
    const alpha = rho * dot(s, q);
    addScaled(q, y, -alpha);
    return alpha;
  }).reverse();
  const last = memory.at(-1);
  const scale = last ? 1 / (last.rho * dot(last.y, last.y)) : 1;
  for (let i = 0; i < q.length; i++) q[i]! *= scale;
  memory.forEach(({ s, y, rho }, i) => {
    addScaled(q, s, alphas[i]! - rho * dot(y, q));
  });
  for (let i = 0; i < q.length; i++) q[i] = -q[i]!;
  return q;
}

function backtrack(
  evaluate: (x: Float64Array) => ValueAndGradient,
  { x, at, direction, slope, first }: {
    readonly x: Float64Array;
    readonly at: ValueAndGradient;
    readonly direction: Float64Array;
    readonly slope: number;
    readonly first: number;
  },
): { x: Float64Array; at: ValueAndGradient } | undefined {
  let size = first;
  for (let i = 0; i < MOST_HALVINGS; i++, size /= 2) {
    const next = x.slice();
    addScaled(next, direction, size);
    const found = evaluate(next);
    if (found.value <= at.value + SUFFICIENT * size * slope) {
      return { x: next, at: found };
    }
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

function largest(a: Float64Array): number {
  let most = 0;
  for (const value of a) most = Math.max(most, Math.abs(value));
  return most;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!);
}

function addScaled(a: Float64Array, b: Float64Array, scale: number): void {
  for (let i = 0; i < a.length; i++) a[i]! += scale * b[i]!;
}
