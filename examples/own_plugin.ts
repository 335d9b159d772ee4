/**
 * A resampler that the library does not have, as a plugin: features are
 * averaged over the picture, and one learnt layer makes latents of the mean.
 *
 *     deno run -A examples/own_plugin.ts
 *
 * The weights are random numbers, so that nothing has to be fetched: what it
 * shows is that a picture changes the text model's logits through the part.
 *
 * @module
 */

import {
  assemble,
  builtinPlugins,
  CONTRACT,
  createDevice,
  definePart,
  definePlugin,
  type Device,
  inMemory,
  integer,
  layers,
  objectOf,
  ops,
  parseConfig,
  type Picture,
  type Plugin,
  type StoredTensor,
} from "../mod.ts";

/** Brings `mean_pool/resampler`. */
export function meanPool(): Plugin {
  const resampler = definePart({
    slot: "resampler",
    name: "mean_pool/resampler",
    schema: objectOf({ latents: integer(), width: integer() }),
    build({ latents, width }, { neighbours }) {
      const { vision } = neighbours;
      return {
        inputWidth: vision!.width,
        inputPositions: undefined, // a mean takes any number of positions
        latents,
        width,
        resample: {
          name: "mean_pool/resampler",
          build(scope, { features }) {
            const [b, n, d] = features!.shape as [number, number, number];
            const sum = ops.sumTo(features!, { shape: [b, 1, d] });
            const mean = ops.mul(sum, ops.scalar(1 / n)); // [b, 1, d]
            const made = layers.linear(scope.at("proj"), mean, {
              outputs: latents * width,
              hasBias: true,
            });
            const shape = [b, latents, width];
            return { latents: ops.reshape(made, { shape }) }; // [b, r, d]
          },
        },
      };
    },
  });
  return definePlugin({
    name: "mean_pool",
    version: "1.0.0",
    contract: CONTRACT,
    parts: [resampler],
  });
}

/** Built-in parts around the one above, all small. */
const CONFIG = {
  kind: "flamingo",
  schema: 1,
  name: "own-plugin",
  vision: { part: "efficientnet_lite/encoder", px: 32, levels: ["block1"] },
  resampler: { part: "mean_pool/resampler", latents: 4, width: 32 },
  language: {
    part: "llama/decoder",
    layers: 2,
    width: 64,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    ffnWidth: 128,
    vocabulary: 100,
    normEps: 1e-5,
    ropeTheta: 10_000,
    context: 64,
    isTied: true,
  },
  crossAttention: { dialect: "paper", every: 2, heads: 2, headDim: 32 },
  tokens: { imageId: 1, endOfChunkId: 2 },
};

/**
 * The largest change of a logit when a red picture becomes a blue one: for the
 * token before the picture, and for the last token after it.
 */
export async function logitChanges(
  device: Device,
): Promise<{ before: number; after: number }> {
  using model = await assemble(parseConfig(CONFIG, "the example's config"), {
    device,
    plugins: [...builtinPlugins(), meanPool()],
    initial: randomWeight,
  });
  const tokens = [5, 1, 7, 8, 9]; // text, picture, text
  const media = [0, 1, 1, 1, 1]; // pictures up to each token
  const logits: Float32Array[] = [];
  for (const colour of [[255, 0, 0], [0, 0, 255]]) {
    const sequence = model.engine.open();
    const pixels = model.image!.process(plainPicture(colour));
    await model.engine.addPictures(sequence, [pixels]);
    logits.push(await model.engine.logits(sequence, { tokens, media }));
    model.engine.close(sequence);
  }
  const [red, blue] = logits as [Float32Array, Float32Array];
  const width = red.length / tokens.length;
  const change = (token: number): number => {
    let most = 0;
    for (let i = token * width; i < (token + 1) * width; i++) {
      most = Math.max(most, Math.abs(red[i]! - blue[i]!));
    }
    return most;
  };
  return { before: change(0), after: change(tokens.length - 1) };
}

/** Numbers that depend on nothing but the weight's name. */
function randomWeight(name: string, shape: readonly number[]): StoredTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const size = Math.sqrt(3 / (shape.at(-1) ?? 1));
  let state = [...name].reduce((sum, c) => sum * 31 + c.charCodeAt(0) | 0, 7);
  const values = new Float32Array(count).map(() => {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    return state / 2 ** 31 * size;
  });
  // A gate stays open, so that the picture can be seen.
  return inMemory(name, shape, name.endsWith("gate") ? values.fill(1) : values);
}

function plainPicture(colour: readonly number[]): Picture {
  const data = new Uint8Array(32 * 32 * 4).fill(255);
  for (let i = 0; i < data.length; i++) if (i % 4 < 3) data[i] = colour[i % 4]!;
  return { width: 32, height: 32, data };
}

if (import.meta.main) {
  using device = await createDevice();
  const { before, after } = await logitChanges(device);
  console.log(`on ${device.profile.name}`);
  console.log(`change before the picture: ${before}`);
  console.log(`change after the picture: ${after.toFixed(4)}`);
}
