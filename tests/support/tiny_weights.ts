/**
 * Seeded weights of the tiny model, by slot and template name, in memory or as
 * real files.
 *
 * @module
 */

import { join } from "node:path";
import { inMemory, type StoredTensor, type TensorMap } from "../../mod.ts";
import { writeSafetensors } from "../../plugins/safetensors/writer.ts";
import { createRandom } from "./random.ts";

/** Options of `tinyWeights`. */
export interface TinyWeightsOptions {
  /** Gates of the gated blocks: all 0, or random and open. */
  readonly gates: 0 | "random";
  /** Seed of all values. */
  readonly seed: number;
}

/** Weights of the slots that have any. */
export type TinyWeights = Readonly<
  Record<"vision" | "resampler" | "language" | "crossAttention", TensorMap>
>;

/** Sizes of the tiny model. */
export const TINY = {
  px: 16,
  patchPx: 4,
  visionWidth: 20,
  width: 48,
  layers: 3,
  heads: 4,
  kvHeads: 2,
  headDim: 12,
  ffnWidth: 80,
  vocabulary: 96,
  context: 256,
  mediaWidth: 32,
  latents: 8,
  depth: 2,
  mediaHeads: 2,
  mediaHeadDim: 16,
  gated: [0, 2],
} as const;

/** All weights; the same options give the same values. */
export function tinyWeights(
  { gates, seed }: TinyWeightsOptions,
): TinyWeights {
  const random = createRandom(seed);
  return {
    vision: fill(visionShapes(), random),
    resampler: fill(resamplerShapes(), random),
    language: fill(languageShapes(), random),
    crossAttention: fill(crossShapes(), random, gates === 0),
  };
}

/**
 * Writes the weights as users have them: a Hugging Face folder `llama`, the
 * files `vision.safetensors` and `bridge.safetensors` (OpenFlamingo's names).
 */
export async function saveTinyWeights(
  folder: string,
  weights: TinyWeights,
): Promise<void> {
  const save = async (file: string, tensors: Iterable<StoredTensor>) => {
    const list = await Promise.all([...tensors].map(async (tensor) => ({
      ...tensor,
      data: await tensor.read(0, tensor.sizeBytes),
    })));
    await writeSafetensors(join(folder, file), list);
  };
  await Deno.mkdir(join(folder, "llama"), { recursive: true });
  await Deno.writeTextFile(
    join(folder, "llama", "config.json"),
    JSON.stringify(tinyLlamaJson()),
  );
  await save("llama/model.safetensors", weights.language.values());
  await save("vision.safetensors", weights.vision.values());
  const bridge = [...weights.resampler].map(([name, tensor]) => ({
    ...tensor,
    name: `perceiver.${name}`,
  }));
  for (const [name, tensor] of weights.crossAttention) {
    const renamed = name.replace(".", ".gated_cross_attn_layer.");
    bridge.push({ ...tensor, name: `lang_encoder.model.layers.${renamed}` });
  }
  await save("bridge.safetensors", bridge);
}

/** The language model's `config.json`, as transformers 5 writes it. */
export function tinyLlamaJson(): Record<string, unknown> {
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    num_hidden_layers: TINY.layers,
    hidden_size: TINY.width,
    num_attention_heads: TINY.heads,
    num_key_value_heads: TINY.kvHeads,
    head_dim: TINY.headDim,
    intermediate_size: TINY.ffnWidth,
    vocab_size: TINY.vocabulary,
    rms_norm_eps: 1e-5,
    rope_parameters: { rope_type: "default", rope_theta: 10_000 },
    max_position_embeddings: TINY.context,
    tie_word_embeddings: false,
    hidden_act: "silu",
    dtype: "float32",
  };
}

type Shapes = Record<string, readonly number[]>;

function fill(
  shapes: Shapes,
  random: () => number,
  isClosed: boolean = false,
): TensorMap {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const values = new Float32Array(count).map(() => 2 * random() - 1);
      return [
        name,
        inMemory(name, shape, scaled(name, values, shape, isClosed)),
      ];
    }),
  );
}

/** Sizes at which all layers matter: norms near 1, matrices by their width. */
function scaled(
  name: string,
  values: Float32Array<ArrayBuffer>,
  shape: readonly number[],
  isClosed: boolean,
): Float32Array<ArrayBuffer> {
  if (name.endsWith("_gate")) {
    return values.map((value) => isClosed ? 0 : 0.75 + 0.25 * value);
  }
  if (shape.length === 1) {
    const centre = name.endsWith("bias") ? 0 : 1;
    return values.map((value) => centre + 0.1 * value);
  }
  const size = name.includes("embed") || name === "latents"
    ? 1
    : Math.sqrt(3 / shape.at(-1)!);
  return values.map((value) => value * size);
}

function visionShapes(): Shapes {
  const { patchPx, visionWidth } = TINY;
  return {
    "proj.weight": [visionWidth, 3 * patchPx ** 2],
    "proj.bias": [visionWidth],
  };
}

function feedForwardShapes(at: string, width: number): Shapes {
  return {
    [`${at}.0.weight`]: [width],
    [`${at}.0.bias`]: [width],
    [`${at}.1.weight`]: [2 * width, width],
    [`${at}.3.weight`]: [width, 2 * width],
  };
}

function normShapes(at: string, width: number): Shapes {
  return { [`${at}.weight`]: [width], [`${at}.bias`]: [width] };
}

function resamplerShapes(): Shapes {
  const { mediaWidth: d, visionWidth, latents, depth } = TINY;
  const inner = TINY.mediaHeads * TINY.mediaHeadDim;
  const positions = (TINY.px / TINY.patchPx) ** 2;
  const shapes: Shapes = {
    latents: [latents, d],
    positions: [positions, d],
    "proj_in.weight": [d, visionWidth],
    "proj_in.bias": [d],
    ...normShapes("norm", d),
  };
  for (let i = 0; i < depth; i++) {
    const at = `layers.${i}`;
    Object.assign(shapes, {
      ...normShapes(`${at}.0.norm_media`, d),
      ...normShapes(`${at}.0.norm_latents`, d),
      [`${at}.0.to_q.weight`]: [inner, d],
      [`${at}.0.to_kv.weight`]: [2 * inner, d],
      [`${at}.0.to_out.weight`]: [d, inner],
      ...feedForwardShapes(`${at}.1`, d),
    });
  }
  return shapes;
}

function crossShapes(): Shapes {
  const { width: d, mediaWidth } = TINY;
  const inner = TINY.mediaHeads * TINY.mediaHeadDim;
  const shapes: Shapes = {};
  for (const layer of TINY.gated) {
    Object.assign(shapes, {
      ...normShapes(`${layer}.attn.norm`, d),
      [`${layer}.attn.to_q.weight`]: [inner, d],
      [`${layer}.attn.to_kv.weight`]: [2 * inner, mediaWidth],
      [`${layer}.attn.to_out.weight`]: [d, inner],
      [`${layer}.attn_gate`]: [1],
      ...feedForwardShapes(`${layer}.ff`, d),
      [`${layer}.ff_gate`]: [1],
    });
  }
  return shapes;
}

function languageShapes(): Shapes {
  const { width: d, heads, kvHeads, headDim, ffnWidth, vocabulary } = TINY;
  const shapes: Shapes = { "model.embed_tokens.weight": [vocabulary, d] };
  for (let i = 0; i < TINY.layers; i++) {
    const at = `model.layers.${i}`;
    Object.assign(shapes, {
      [`${at}.input_layernorm.weight`]: [d],
      [`${at}.self_attn.q_proj.weight`]: [heads * headDim, d],
      [`${at}.self_attn.k_proj.weight`]: [kvHeads * headDim, d],
      [`${at}.self_attn.v_proj.weight`]: [kvHeads * headDim, d],
      [`${at}.self_attn.o_proj.weight`]: [d, heads * headDim],
      [`${at}.post_attention_layernorm.weight`]: [d],
      [`${at}.mlp.gate_proj.weight`]: [ffnWidth, d],
      [`${at}.mlp.up_proj.weight`]: [ffnWidth, d],
      [`${at}.mlp.down_proj.weight`]: [d, ffnWidth],
    });
  }
  shapes["model.norm.weight"] = [d];
  shapes["lm_head.weight"] = [vocabulary, d];
  return shapes;
}
