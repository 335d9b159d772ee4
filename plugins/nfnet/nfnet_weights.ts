/**
 * Weights of NFNets from published files, under the names of the templates:
 * those of the PyTorch port (`stages.2.0.conv2b.weight`), and those of the
 * original training (`NFNet/~/nf_block_3/~/conv1b/w`).
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import { transposedTensor } from "../computed_tensor.ts";
import type { TensorMap } from "../plugin.ts";
import { haikuName } from "./haiku_name.ts";
import { type OutputAxis, standardised } from "./standardised.ts";

/** The classifier. */
const UNUSED = /^head\./;

/** What the names and axes of a file depend on. */
export interface NfnetFile {
  /** Blocks of each stage. */
  readonly depths: readonly number[];
  /** Whether the model has the convolution at the end. */
  readonly hasFinalConv: boolean;
}

/**
 * Tensors under the names of the encoder's templates, convolutions
 * standardised.
 *
 * @throws {RookeryError} `weights` with all gains that convolutions lack
 */
export function nfnetWeights(
  tensors: TensorMap,
  { depths, hasFinalConv }: NfnetFile,
): TensorMap {
  const renamed = new Map<string, StoredTensor>();
  const origins = new Map<string, OutputAxis>();
  for (const [name, tensor] of tensors) {
    const known = haikuName(name, depths);
    const own = known ?? name;
    if (UNUSED.test(own)) continue;
    if (!hasFinalConv && own.startsWith("final_conv.")) continue;
    renamed.set(own, tensor);
    origins.set(own, known === undefined ? "first" : "last");
  }
  const made = new Map<string, StoredTensor>(), missing: string[] = [];
  for (const [name, tensor] of renamed) {
    const conv = name.replace(/\.[^.]+$/, "");
    if (name === `${conv}.gain` && renamed.has(`${conv}.weight`)) continue;
    if (name !== `${conv}.weight`) made.set(name, tensor);
    else if (/\.fc\d$/.test(conv)) {
      made.set(name, matrix(tensor, origins.get(name)!));
    } else {
      const gain = renamed.get(`${conv}.gain`);
      if (gain === undefined) missing.push(`${conv}.gain`);
      else {
        const outputs = origins.get(name)!;
        made.set(name, standardised({ weight: tensor, gain, outputs }));
      }
    }
  }
  if (missing.length > 0) throw lacksGains(missing);
  return made;
}

/** A layer of squeeze and excitation as [o, i]: a 1×1 convolution, or [i, o]. */
function matrix(tensor: StoredTensor, outputs: OutputAxis): StoredTensor {
  if (outputs === "last") return transposedTensor(tensor, [1, 0]);
  const { shape } = tensor;
  const isPointwise = shape.length === 4 && shape[2] === 1 && shape[3] === 1;
  return isPointwise ? { ...tensor, shape: shape.slice(0, 2) } : tensor;
}

function lacksGains(names: readonly string[]): RookeryError {
  return new RookeryError(
    "weights",
    `Cannot standardise convolutions as the file lacks ${names.join(", ")}`,
    { path: names[0]!, actual: names },
  );
}
