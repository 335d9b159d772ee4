/**
 * Sizes of NFNets: the published variants, the blocks of a network, and how
 * many parameters it has.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** Sizes of an NFNet. */
export interface NfnetSizes {
  /** Blocks of each stage. */
  readonly depths: readonly number[];
  /** Channels out of each stage; as many as there are depths. */
  readonly widths: readonly number[];
  /** Channels of a group in the 3×3 convolutions of blocks. */
  readonly groupWidth: number;
  /** Channels out of the four convolutions of the stem. */
  readonly stem: readonly number[];
  /**
   * Whether a 1×1 convolution with an activation doubles the channels at the
   * end.
   */
  readonly hasFinalConv: boolean;
}

/** Published sizes. */
export const NFNET_NAMES = ["F0", "F1", "F2", "F3", "F4", "F5", "F6"] as const;

/** Steps of the stem's convolutions. */
export const NFNET_STEM_STRIDES: readonly number[] = [2, 1, 1, 2];

/** Channels of the first three convolutions of the stem. */
const STEM_CHANNELS = [16, 32, 64] as const;

const DEPTHS = [1, 2, 6, 3] as const, WIDTHS = [256, 512, 1536, 1536] as const;

/** Depths and widths of a published size: all have the same widths. */
export function nfnetNamed(
  name: typeof NFNET_NAMES[number],
): { readonly depths: readonly number[]; readonly widths: readonly number[] } {
  const times = NFNET_NAMES.indexOf(name) + 1;
  return { depths: DEPTHS.map((depth) => depth * times), widths: WIDTHS };
}

/** The stem of a network whose first stage has so many channels. */
export function nfnetStem(firstWidth: number): readonly number[] {
  return [...STEM_CHANNELS, Math.floor(firstWidth / 2)];
}

/** One residual block. */
export interface NfnetBlock {
  /** Path of its weights, e.g. `stages.2.5`. */
  readonly path: string;
  /** Channels in. */
  readonly inputs: number;
  /** Channels out. */
  readonly outputs: number;
  /** Channels between its 1×1 convolutions. */
  readonly middle: number;
  /** Groups of its 3×3 convolutions. */
  readonly groups: number;
  /** Step of its first 3×3 convolution and of its shortcut. */
  readonly stride: number;
  /** One over the deviation that its input has in a new network. */
  readonly beta: number;
}

/** Variance that a block adds to the residual stream: 0.2². */
const BLOCK_VARIANCE = 0.04;

/** Half of a block's channels stand between its 1×1 convolutions. */
const BOTTLENECK = 0.5;

/** All blocks of a network, in order. */
export function nfnetBlocks(
  { depths, widths, groupWidth, stem }: NfnetSizes,
): NfnetBlock[] {
  const blocks: NfnetBlock[] = [];
  let inputs = stem.at(-1)!, variance = 1;
  depths.forEach((depth, stage) => {
    const outputs = widths[stage]!;
    const groups = Math.floor(outputs * BOTTLENECK / groupWidth);
    for (let i = 0; i < depth; i++) {
      const isFirst = i === 0;
      blocks.push({
        path: `stages.${stage}.${i}`,
        inputs,
        outputs,
        middle: groups * groupWidth,
        groups,
        stride: isFirst && stage > 0 ? 2 : 1,
        beta: 1 / Math.sqrt(variance),
      });
      // The first block's shortcut has a convolution: variance starts anew.
      variance = (isFirst ? 1 : variance) + BLOCK_VARIANCE;
      inputs = outputs;
    }
  });
  return blocks;
}

/** Width inside squeeze and excitation of so many channels. */
export function squeezeWidth(channels: number): number {
  return Math.max(1, Math.floor(channels * 0.5));
}

/**
 * Parameters of a network without its classifier. The gains of standardised
 * convolutions count, though loaded weights have them in them.
 */
export function nfnetParameters(sizes: NfnetSizes): number {
  let count = 0, inputs = 3;
  for (const outputs of sizes.stem) {
    count += convParameters(9 * inputs, outputs);
    inputs = outputs;
  }
  for (const block of nfnetBlocks(sizes)) count += blockParameters(block);
  const last = sizes.widths.at(-1)!;
  return sizes.hasFinalConv ? count + convParameters(last, 2 * last) : count;
}

function blockParameters(
  { inputs, outputs, middle, groups, stride }: NfnetBlock,
): number {
  const hidden = squeezeWidth(outputs);
  const squeeze = hidden * (outputs + 1) + outputs * (hidden + 1);
  const isKept = stride === 1 && inputs === outputs;
  const skipGain = 1;
  return convParameters(inputs, middle) +
    2 * convParameters(9 * middle / groups, middle) +
    convParameters(middle, outputs) +
    (isKept ? 0 : convParameters(inputs, outputs)) + squeeze + skipGain;
}

/** Weights, biases and gains of a convolution by the products of a sum. */
function convParameters(products: number, outputs: number): number {
  return outputs * (products + 2);
}

/** Refuses sizes that do not fit each other. */
export function checkNfnet(
  { depths, widths, groupWidth, stem }: NfnetSizes,
): void {
  const narrow = widths.find((width) => width * BOTTLENECK < groupWidth);
  const reason = depths.length !== widths.length
    ? `it has ${depths.length} depths and ${widths.length} widths: give one ` +
      "of each for every stage"
    : stem.length !== NFNET_STEM_STRIDES.length
    ? `its stem has ${stem.length} convolutions: give the channels of ` +
      `${NFNET_STEM_STRIDES.length}`
    : narrow !== undefined
    ? `half of a stage's width ${narrow} holds no group of ${groupWidth} ` +
      "channels: make groupWidth smaller"
    : undefined;
  if (reason === undefined) return;
  throw new RookeryError("config", `Cannot build nfnet/encoder as ${reason}`, {
    path: "vision",
    actual: { depths, widths, groupWidth, stem },
  });
}
