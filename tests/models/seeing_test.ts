import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import type { Chunk } from "../../models/generation/sequence.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import {
  attentionShares,
  meanOverHeads,
} from "../../models/seeing/attention_shares.ts";
import { pictureView } from "../../models/seeing/picture_view.ts";
import { readRegions } from "../../models/seeing/read_regions.ts";
import { assemble } from "../../plugins/assemble.ts";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { parseConfig } from "../../plugins/parse_config.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { chunkOf, largestDifference } from "./compare.ts";
import { goldenPath } from "./flamingo_rows.ts";
import { passThrough } from "./pass_through.ts";

const IMAGE = 95, ROWS = 4, LENGTH = 21, PIXELS = 3 * 8 * 8;
const HEADS = 3, LATENTS = 8, POSITIONS = 6, LAYERS = [0, 2];

const CONFIG = {
  kind: "flamingo",
  schema: 1,
  name: "tiny",
  vision: { part: "pass_through/encoder" },
  image: {},
  resampler: {
    part: "perceiver",
    dialect: "open_flamingo",
    depth: 2,
    latents: LATENTS,
    heads: HEADS,
    headDim: 8,
  },
  language: { part: "llama/decoder", weights: "." },
  crossAttention: {
    dialect: "open_flamingo",
    layers: LAYERS,
    heads: HEADS,
    headDim: 12,
    attendTo: "latest",
  },
  bridge: { format: "open_flamingo", weights: "bridge.safetensors" },
  tokens: { imageId: IMAGE, endOfChunkId: 94 },
  prompt: {},
};

const rows = await readSafetensors(goldenPath("flamingo/case.safetensors"));
const golden = await readSafetensors(goldenPath("seeing.safetensors"));
const valuesOf = (
  tensors: typeof rows,
  name: string,
) => tensors.get(name)!.values as Float32Array<ArrayBuffer>;
const pixels = valuesOf(rows, "pixel_values");
const ids = [...rows.get("input_ids")!.values].map(Number);

/** The tiny model that open_flamingo's attention was recorded on. */
async function opened(
  choice: "auto" | "cpu" = "auto",
): Promise<{ model: Flamingo } & Disposable> {
  const stack = new DisposableStack();
  const device = stack.use(await createDevice({ device: choice }));
  const model = stack.use(
    await assemble(parseConfig(CONFIG, "tiny"), {
      device,
      plugins: [...builtinPlugins(), passThrough()],
      base: new URL("../golden/models/flamingo/", import.meta.url),
    }),
  );
  return { model, [Symbol.dispose]: () => stack.dispose() };
}

function pixelsOf(row: number, place: number): Float32Array<ArrayBuffer> {
  const at = (row * 3 + place) * PIXELS;
  return pixels.slice(at, at + PIXELS);
}

function chunkOfRow(row: number): Chunk {
  const tokens = ids.slice(row * LENGTH, (row + 1) * LENGTH);
  let pictures = 0;
  const media = tokens.map((token) => token === IMAGE ? ++pictures : pictures);
  return chunkOf(tokens, media);
}

/** The part of a golden tensor at some first indices. */
function part(name: string, ...at: readonly number[]): Float32Array {
  const { shape } = golden.get(name)!;
  const values = valuesOf(golden, name);
  let from = 0, size = values.length;
  at.forEach((index, axis) => {
    size /= shape[axis]!;
    from += index * size;
  });
  return values.subarray(from, from + size);
}

for (const choice of ["auto", "cpu"] as const) {
  Deno.test(`attention of text to pictures equals open_flamingo's on ${choice}`, async () => {
    using tested = await opened(choice);
    const { engine } = tested.model;
    for (let row = 0; row < ROWS; row++) {
      const chunk = chunkOfRow(row);
      const sequence = engine.open();
      const places = [0, 1, 2].map((place) => pixelsOf(row, place));
      await engine.addPictures(sequence, places);
      const taps = [`${WEIGHT_PREFIX.crossAttention}*media_query`];
      const { values } = await engine.observe((observer) =>
        observer.chunk(sequence, chunk, taps)
      );
      engine.close(sequence);
      for (const place of [0, 1, 2]) {
        const view = await pictureView(engine, places[place]!, place);
        assert.ok(
          largestDifference(view.flow!, part("flow", row, place)) <= 1e-4,
        );
        const { blocks } = engine.stack.eyes!.crossAttention;
        for (const [block, { prefix }] of blocks.entries()) {
          const path = WEIGHT_PREFIX.crossAttention + prefix;
          const shares = attentionShares(
            values.get(`${path}media_query`)!,
            [view.keys.get(path)!],
          );
          checkShares(shares.values, { row, block, place, chunk });
        }
        const { eyes } = engine.stack;
        const views = new Map([[place + 1, view]]);
        const regions = readRegions(eyes!, values, views);
        const wanted = part("regions", row);
        chunk.media.forEach((ordinal, token) => {
          if (ordinal !== place + 1) return;
          const from = (token * 3 + place) * POSITIONS;
          const own = wanted.subarray(from, from + POSITIONS);
          const { maps: [map], elsewhere, share } = regions[token]![0]!;
          // Six features are a grid of 2 × 2, and two before it.
          assert.ok(Math.abs(share - 1) < 1e-9);
          assert.ok(largestDifference(map!, own.subarray(2)) <= 1e-4);
          assert.ok(Math.abs(elsewhere - own[0]! - own[1]!) <= 1e-4);
        });
      }
    }
  });
}

/** Weights [h, l, r] of the tokens that see the picture, all heads. */
function checkShares(
  shares: Float64Array,
  { row, block, place, chunk }: {
    readonly row: number;
    readonly block: number;
    readonly place: number;
    readonly chunk: Chunk;
  },
): void {
  for (let head = 0; head < HEADS; head++) {
    for (let token = 0; token < LENGTH; token++) {
      const from = (head * LENGTH + token) * LATENTS;
      const own = shares.subarray(from, from + LATENTS);
      const sum = own.reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - 1) < 1e-12);
      if (chunk.media[token] !== place + 1) continue;
      const wanted = part("cross", row, block, head, token)
        .subarray(place * LATENTS, (place + 1) * LATENTS);
      assert.ok(largestDifference(own, wanted) <= 1e-4);
    }
  }
}

Deno.test("the resampler's attention equals open_flamingo's, head by head", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const taps = [`${WEIGHT_PREFIX.resampler}reads.*`];
  for (let at = 0; at < ROWS * 3; at++) {
    const own = pixels.slice(at * PIXELS, (at + 1) * PIXELS);
    const values = await engine.observe((observer) =>
      observer.picture(own, at % 3, taps)
    );
    for (const layer of [0, 1]) {
      const name = `${WEIGHT_PREFIX.resampler}reads.${layer}.`;
      const shares = attentionShares(values.get(`${name}query`)!, [
        values.get(`${name}both`)!,
      ]);
      const wanted = part("resampler", at, layer);
      assert.ok(largestDifference(shares.values, wanted) <= 1e-4);
      const mean = meanOverHeads(shares, [1]);
      const second = wanted.subarray(mean.length, 2 * mean.length);
      assert.ok(largestDifference(mean, second) <= 1e-4);
    }
  }
});

Deno.test("readRegions() refuses layers and heads that there are not", async () => {
  using tested = await opened();
  const { engine } = tested.model;
  const view = await pictureView(engine, pixelsOf(0, 0), 0);
  const views = new Map([[1, view]]);
  const read = (chosen: Parameters<typeof readRegions>[3]) =>
    readRegions(engine.stack.eyes!, new Map(), views, chosen);
  assert.throws(() => read({ layers: [1] }), /layer 1 .* has 0, 2/);
  assert.throws(() => read({ heads: [3] }), /head 3 .* has 0, 1, 2/);
  assert.throws(() => read({ heads: [] }), /head \(none\)/);
});
