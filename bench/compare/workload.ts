/**
 * What is measured, as plain data that goes to every runner: names of sizes
 * are the axis letters, inputs are made from seeds on each side.
 *
 * @module
 */

/** Kinds of work; each says what its sizes mean and which inputs it has. */
export type WorkloadKind =
  /** `y[m,n] = a[m,k] · b[k,n]`; inputs a, b. */
  | "matmul"
  /** `y[m,n] = x[m,k] · w[n,k]ᵀ` with a constant w in `format`; inputs x, w. */
  | "linear"
  /** Attention of `l` queries, causal where `isCausal`; q[h,l,c], k[g,s,c], v[g,s,c]. */
  | "attention"
  /** Each of `l` tokens reads the 64 latents of the last picture; q[h,l,c], k[h,s,c], v[h,s,c]. */
  | "cross_attention"
  /** `y[1,oh,ow,o]`, same padding; x[1,h,w,c], w[kh,kw,c,o]. */
  | "conv2d"
  /** The same channel by channel; x[1,h,w,c], w[kh,kw,c,1]. */
  | "depthwise"
  /** Over the last axis; x[m,n], scale[n], shift[n]. */
  | "layer_norm"
  /** Over the last axis; x[m,n], scale[n]. */
  | "rms_norm"
  /** Over the last axis; x[m,n]. */
  | "softmax"
  /** `x[n] + y[n]`. */
  | "add"
  /** Vision features of one picture by EfficientNet-Lite0. */
  | "encode_picture"
  /** Latents of one picture's features. */
  | "resample"
  /** A prompt of `l` tokens through SmolLM2-135M in `format`. */
  | "prefill"
  /** Tokens of `b` rows drawn at context `s`. */
  | "decode";

/** One thing to measure. */
export interface Workload {
  /** What people read, e.g. `matmul f32 512³`. */
  readonly name: string;
  /** Class of rows that share a geometric mean. */
  readonly group: string;
  /** What is done. */
  readonly kind: WorkloadKind;
  /** Sizes by axis letter. */
  readonly sizes: Readonly<Record<string, number>>;
  /** How weights or values are stored: f32, f16, q8_0, q4_1. */
  readonly format: string;
  /** Unit of the figure; more is better. */
  readonly unit: "GFLOP/s" | "tokens/s" | "runs/s";
  /** Units times a thousand in a run: FLOPs / 10⁶, tokens × 10³, 1000 runs. */
  readonly perMillisecond: number;
}

/** Figure of a run that took so long. */
export function figureOf(workload: Workload, milliseconds: number): number {
  return workload.perMillisecond / milliseconds;
}
