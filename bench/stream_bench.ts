/**
 * What streaming layers costs: a checkpoint of 2 GiB on disk, run whole and
 * with a budget of 1 GiB.
 *
 * @module
 */

import { join } from "node:path";
import { createDevice } from "../core/create_device.ts";
import type { Device } from "../core/device.ts";
import { sizeOf } from "../core/shape.ts";
import { SyntheticTensor } from "../core/synthetic/synthetic_tensor.ts";
import type { Engine } from "../models/generation/engine.ts";
import { assemble } from "../plugins/assemble.ts";
import { writeSafetensors } from "../plugins/safetensors/writer.ts";
import type { TensorToWrite } from "../plugins/tensor_to_write.ts";
import { type BenchRow, ownRow } from "./row.ts";

const BUDGET_BYTES = 2 ** 30;
const SIZES = { layers: 64, width: 1024, ffnWidth: 4096, vocabulary: 2048 };
const TOKENS = 3;

/** Milliseconds a token, streamed and resident, and of one pass of reading. */
export async function benchStream(device: Device): Promise<BenchRow[]> {
  const folder = await Deno.makeTempDir({ prefix: "rookery-stream-" });
  try {
    await writeCheckpoint(folder);
    const resident = await timeModel(device, folder, false);
    using small = await createDevice({ memoryBytes: BUDGET_BYTES });
    const streamed = await timeModel(small, folder, true);
    return [
      ownRow("2 GiB resident, a token", "ms", resident.tokenMs),
      ownRow("2 GiB in 1 GiB, a token", "ms", streamed.tokenMs),
      ownRow("  read and pack all of it once", "ms", [resident.loadMs]),
      ownRow("  held", "MiB", [streamed.heldBytes / 2 ** 20]),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function timeModel(
  device: Device,
  folder: string,
  streamLayers: boolean,
): Promise<{ loadMs: number; tokenMs: number[]; heldBytes: number }> {
  const begin = performance.now();
  using model = await assemble(folder, {
    device,
    streamLayers,
    engine: { tokens: 32, context: 64 },
  });
  using wait = device.createArray({ dtype: "f32", shape: [4] }, "wait");
  await wait.read();
  const loadMs = performance.now() - begin;
  await timeTokens(model.engine, 1); // kernels are compiled once
  const tokenMs = await timeTokens(model.engine, TOKENS);
  return { loadMs, tokenMs, heldBytes: device.memory.heldBytes };
}

async function timeTokens(engine: Engine, count: number): Promise<number[]> {
  const sequence = engine.open();
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const begin = performance.now();
    await engine.logits(sequence, { tokens: [7 + i], media: [0] });
    times.push(performance.now() - begin);
  }
  engine.close(sequence);
  return times;
}

/** A llama folder; all layers have the same values, which nobody looks at. */
async function writeCheckpoint(folder: string): Promise<void> {
  const { layers, width, ffnWidth, vocabulary } = SIZES;
  const bytes = new Map<string, Uint8Array<ArrayBuffer>>();
  const tensors: TensorToWrite[] = [];
  const add = async (name: string, ...shape: number[]) => {
    const format = shape.length === 1 ? "f32" : "f16";
    const key = shape.join();
    const made = new SyntheticTensor({ name: key, shape, format, seed: 1 });
    const ones = new Float32Array(sizeOf(shape)).fill(1);
    const data = bytes.get(key) ??
      (shape.length === 1
        ? new Uint8Array(ones.buffer)
        : await made.read(0, made.sizeBytes));
    bytes.set(key, data);
    tensors.push({ name, shape, format, data });
  };
  await add("model.embed_tokens.weight", vocabulary, width);
  for (let i = 0; i < layers; i++) {
    const at = `model.layers.${i}`;
    await add(`${at}.input_layernorm.weight`, width);
    await add(`${at}.post_attention_layernorm.weight`, width);
    for (const name of ["q", "k", "v", "o"]) {
      await add(`${at}.self_attn.${name}_proj.weight`, width, width);
    }
    await add(`${at}.mlp.gate_proj.weight`, ffnWidth, width);
    await add(`${at}.mlp.up_proj.weight`, ffnWidth, width);
    await add(`${at}.mlp.down_proj.weight`, width, ffnWidth);
  }
  await add("model.norm.weight", width);
  await writeSafetensors(join(folder, "model.safetensors"), tensors);
  const config = {
    model_type: "llama",
    num_hidden_layers: layers,
    hidden_size: width,
    num_attention_heads: 8,
    num_key_value_heads: 8,
    intermediate_size: ffnWidth,
    vocab_size: vocabulary,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    max_position_embeddings: 256,
    tie_word_embeddings: true,
    hidden_act: "silu",
  };
  await Deno.writeTextFile(join(folder, "config.json"), JSON.stringify(config));
}
