/**
 * Tensors of OpenAI's and open_clip's files under the names of Hugging Face's
 * `CLIPModel`.
 *
 * @module
 */

import type { StoredTensor } from "../../core/stored_tensor.ts";
import { transposedTensor } from "../computed_tensor.ts";
import type { TensorMap } from "../plugin.ts";

/** Names of a layer's tensors, in open_clip and in Hugging Face's files. */
const LAYER_NAMES = [
  ["ln_1.", "layer_norm1."],
  ["ln_2.", "layer_norm2."],
  ["attn.out_proj.", "self_attn.out_proj."],
  ["mlp.c_fc.", "mlp.fc1."],
  ["mlp.c_proj.", "mlp.fc2."],
] as const;

const VISION_NAMES: ReadonlyMap<string, string> = new Map([
  ["conv1.weight", "embeddings.patch_embedding.weight"],
  ["class_embedding", "embeddings.class_embedding"],
  ["positional_embedding", "embeddings.position_embedding.weight"],
  ["ln_pre.weight", "pre_layrnorm.weight"],
  ["ln_pre.bias", "pre_layrnorm.bias"],
  ["ln_post.weight", "post_layernorm.weight"],
  ["ln_post.bias", "post_layernorm.bias"],
]);

const TEXT_NAMES: ReadonlyMap<string, string> = new Map([
  ["token_embedding.weight", "embeddings.token_embedding.weight"],
  ["positional_embedding", "embeddings.position_embedding.weight"],
  ["ln_final.weight", "final_layer_norm.weight"],
  ["ln_final.bias", "final_layer_norm.bias"],
]);

/** Numbers and masks that are no weights. */
const BUFFERS = new Set([
  "input_resolution",
  "context_length",
  "vocab_size",
  "attn_mask",
]);

/** Whether names are open_clip's; a vision tower's may have no prefix. */
export function isOpenClip(tensors: TensorMap): boolean {
  return tensors.has("visual.conv1.weight") || tensors.has("conv1.weight");
}

/** The tensors renamed; those whose names are not known keep them. */
export function fromOpenClip(tensors: TensorMap): TensorMap {
  const isVisionOnly = !tensors.has("visual.conv1.weight");
  const made = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) {
    const isVision = isVisionOnly || name.startsWith("visual.");
    const bare = isVision
      ? name.replace(/^visual\./, "")
      : name.replace(/^text\./, "");
    if (BUFFERS.has(bare)) continue;
    const projection = isVision ? "proj" : "text_projection";
    if (bare === projection && tensor.shape.length === 2) {
      const own = isVision ? "visual_projection" : "text_projection";
      made.set(`${own}.weight`, transposedTensor(tensor, [1, 0]));
      continue;
    }
    const tower = isVision ? "vision_model." : "text_model.";
    const renamed = towerTensors(bare, tensor, isVision);
    if (renamed.length === 0) made.set(name, tensor);
    for (const [own, each] of renamed) made.set(tower + own, each);
  }
  return made;
}

/** What a tower's tensor becomes; nothing for unknown names. */
function towerTensors(
  name: string,
  tensor: StoredTensor,
  isVision: boolean,
): [name: string, tensor: StoredTensor][] {
  const known = (isVision ? VISION_NAMES : TEXT_NAMES).get(name);
  if (known !== undefined) return [[known, tensor]];
  const [, layer, rest] = /^transformer\.resblocks\.(\d+)\.(.+)$/.exec(name) ??
    [];
  if (layer === undefined || rest === undefined) return [];
  const at = `encoder.layers.${layer}.`;
  const [, kind] = /^attn\.in_proj_(weight|bias)$/.exec(rest) ?? [];
  if (kind !== undefined && tensor.shape[0]! % 3 === 0) {
    return ["q", "k", "v"].map((part, i) => [
      `${at}self_attn.${part}_proj.${kind}`,
      thirdOfRows(tensor, i),
    ]);
  }
  const [from, to] = LAYER_NAMES.find(([start]) => rest.startsWith(start)) ??
    [];
  return from === undefined || to === undefined
    ? []
    : [[at + to + rest.slice(from.length), tensor]];
}

/** Queries, keys and values lie below each other, a third of the rows each. */
function thirdOfRows(tensor: StoredTensor, index: number): StoredTensor {
  const [rows, ...row] = tensor.shape as [number, ...number[]];
  const sizeBytes = tensor.sizeBytes / 3;
  const begin = index * sizeBytes;
  return {
    ...tensor,
    shape: [rows / 3, ...row],
    sizeBytes,
    read: (start, end) => tensor.read(begin + start, begin + end),
  };
}
