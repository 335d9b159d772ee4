/**
 * Pillow's resampling kernels and their fixed-point weights.
 *
 * @module
 */

/** Names of Pillow's resampling filters. */
export type ResizeFilter =
  | "nearest"
  | "box"
  | "bilinear"
  | "hamming"
  | "bicubic"
  | "lanczos";

/** Bits after the point of a weight; 8 are the sample's, 2 are headroom. */
export const WEIGHT_BITS: number = 32 - 8 - 2;

/** For each output place: the first input place, their count, the weights. */
export interface ResizeWeights {
  /** First input place of each output place. */
  readonly first: Int32Array;
  /** Number of input places of each output place. */
  readonly count: Int32Array;
  /** Weights × 2^22, `stride` apart. */
  readonly weights: Int32Array;
  /** Room for weights of one output place. */
  readonly stride: number;
}

interface Kernel {
  readonly support: number;
  readonly at: (x: number) => number;
}

const KERNELS: Readonly<Record<Exclude<ResizeFilter, "nearest">, Kernel>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, at: hamming },
  bicubic: { support: 2, at: bicubic },
  lanczos: { support: 3, at: lanczos },
};

/** One side of a resize, and the part of its result that is wanted. */
export interface ResizeSide {
  /** Input places. */
  readonly size: number;
  /** Output places of the whole result. */
  readonly target: number;
  /** First output place that is wanted. */
  readonly from: number;
  /** Output places that are wanted. */
  readonly length: number;
}

/** Weights of the wanted output places. */
export function resizeWeights(
  filter: Exclude<ResizeFilter, "nearest">,
  side: ResizeSide,
): ResizeWeights {
  const { size, target, length } = side;
  const kernel = KERNELS[filter];
  const scale = size / target;
  const widen = Math.max(1, scale); // shrinking widens the kernel
  const support = kernel.support * widen;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(length);
  const count = new Int32Array(length);
  const weights = new Int32Array(length * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const centre = (side.from + i + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - support + 0.5));
    const to = Math.min(size, Math.trunc(centre + support + 0.5));
    first[i] = from;
    count[i] = to - from;
    let sum = 0;
    for (let x = 0; x < to - from; x++) {
      const weight = kernel.at((x + from - centre + 0.5) * (1 / widen));
      exact[x] = weight;
      sum += weight;
    }
    for (let x = 0; x < to - from; x++) {
      const weight = (sum === 0 ? exact[x]! : exact[x]! / sum) *
        (1 << WEIGHT_BITS);
      weights[i * stride + x] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return { first, count, weights, stride };
}

function hamming(x: number): number {
  const a = Math.abs(x);
  if (a === 0) return 1;
  if (a >= 1) return 0;
  const turn = a * Math.PI;
  // Pillow writes these two constants as 32-bit floats.
  return Math.sin(turn) / turn *
    (Math.fround(0.54) + Math.fround(0.46) * Math.cos(turn));
}

/** Keys' cubic with a = −0.5. */
function bicubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}

function lanczos(x: number): number {
  return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}
