/**
 * Writes the weights of the example: random numbers of a fixed seed, in the
 * names and shapes that PyTorch's modules would have.
 *
 *     deno run -A make_weights.ts
 *
 * @module
 */

import { type TensorToWrite, writeSafetensors } from "@rookery/rookery";

/** Shapes by name; see `model.json` for the sizes. */
type Shapes = Record<string, readonly number[]>;

const PATCHES = 16,
  WIDTH = 24,
  CHANNELS = 20,
  LATENT_WIDTH = 24,
  TEXT_WIDTH = 48;

function linear(name: string, outputs: number, inputs: number): Shapes {
  return { [`${name}.weight`]: [outputs, inputs], [`${name}.bias`]: [outputs] };
}

function norm(name: string, width: number): Shapes {
  return { [`${name}.weight`]: [width], [`${name}.bias`]: [width] };
}

function mixerShapes(): Shapes {
  const shapes: Shapes = {
    "stem.proj.weight": [WIDTH, 3, 6, 6],
    "stem.proj.bias": [WIDTH],
    ...norm("norm", WIDTH),
  };
  for (const block of ["blocks.0", "blocks.1"]) {
    Object.assign(
      shapes,
      norm(`${block}.norm1`, WIDTH),
      linear(`${block}.mlp_tokens.fc1`, 12, PATCHES),
      linear(`${block}.mlp_tokens.fc2`, PATCHES, 12),
      norm(`${block}.norm2`, WIDTH),
      linear(`${block}.mlp_channels.fc1`, 48, WIDTH),
      linear(`${block}.mlp_channels.fc2`, WIDTH, 48),
    );
  }
  return shapes;
}

function regBlockShapes(name: string, inputs: number): Shapes {
  const squeezed = Math.round(inputs / 4);
  const convs: Shapes = {
    conv1: [CHANNELS, inputs, 1, 1],
    conv2: [CHANNELS, 1, 3, 3],
    conv3: [CHANNELS, CHANNELS, 1, 1],
    ...(inputs === CHANNELS ? {} : { downsample: [CHANNELS, inputs, 1, 1] }),
  };
  const shapes: Shapes = {
    [`${name}.se.fc1.weight`]: [squeezed, CHANNELS, 1, 1],
    [`${name}.se.fc1.bias`]: [squeezed],
    [`${name}.se.fc2.weight`]: [CHANNELS, squeezed, 1, 1],
    [`${name}.se.fc2.bias`]: [CHANNELS],
  };
  for (const [conv, shape] of Object.entries(convs)) {
    shapes[`${name}.${conv}.conv.weight`] = shape;
    Object.assign(shapes, norm(`${name}.${conv}.bn`, CHANNELS));
  }
  return shapes;
}

function abstractorShapes(): Shapes {
  return {
    pos_emb: [1, PATCHES, WIDTH],
    ...regBlockShapes("net.0.b1", WIDTH),
    ...regBlockShapes("net.2.b1", CHANNELS),
    ...linear("readout.0", LATENT_WIDTH, CHANNELS),
    ...linear("readout.2", LATENT_WIDTH, LATENT_WIDTH),
  };
}

function crossAttentionShapes(): Shapes {
  return {
    ...norm("1.attn.norm", TEXT_WIDTH),
    "1.attn.to_q.weight": [16, TEXT_WIDTH],
    "1.attn.to_kv.weight": [32, LATENT_WIDTH],
    "1.attn.to_out.weight": [TEXT_WIDTH, 16],
    "1.attn_gate": [1],
    ...norm("1.ff.0", TEXT_WIDTH),
    "1.ff.1.weight": [16, TEXT_WIDTH],
    "1.ff.3.weight": [TEXT_WIDTH, 16],
    "1.ff_gate": [1],
  };
}

/** Random halves: vectors around 1, matrices of variance 1 over the inputs. */
function* madeTensors(shapes: Shapes): Generator<TensorToWrite> {
  let state = 20_231;
  const next = (): number => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return state / 2 ** 31; // even in [-1, 1)
  };
  for (const [name, shape] of Object.entries(shapes)) {
    const count = shape.reduce((product, size) => product * size, 1);
    const factor = Math.sqrt(3 * shape[0]! / count);
    const values = Float16Array.from(
      { length: count },
      () => shape.length === 1 ? 1 + next() / 2 : next() * factor,
    );
    const data = new Uint8Array(values.buffer);
    yield { name, shape, format: "f16", data };
  }
}

if (import.meta.main) {
  const files = {
    mixer: mixerShapes(),
    c_abstractor: abstractorShapes(),
    cross_attention: crossAttentionShapes(),
  };
  for (const [name, shapes] of Object.entries(files)) {
    const path = new URL(`weights/${name}.safetensors`, import.meta.url);
    await writeSafetensors(path.pathname, madeTensors(shapes));
  }
}
