/**
 * What a known beginning is worth: a question after 32 shots beside one without
 * any, and pictures that were seen beside new ones.
 *
 * @module
 */

import type { Device } from "../core/device.ts";
import type { Flamingo } from "../models/flamingo/flamingo.ts";
import type { Picture } from "../models/slots.ts";
import { describe, type DescribeOptions } from "../models/tasks/caption.ts";
import type { Shot } from "../models/tasks/shot.ts";
import { shotItems } from "../models/tasks/shots.ts";
import { assemble } from "../plugins/assemble.ts";
import { openPrefix } from "../plugins/prefix/open_prefix.ts";
import { savePrefix } from "../plugins/prefix/save_prefix.ts";
import { createRandom } from "../tests/support/random.ts";
import { type BenchRow, comparedRow } from "./row.ts";

const REPEATS = 7;
const SHOTS = 32;
const DRAWN_TOKENS = 8;
const SIDE_PX = 224;

/** Questions a second after 32 shots, saved and cached, and after none. */
export async function benchPrefix(device: Device): Promise<BenchRow[]> {
  using model = await assemble("rookery-small", { device });
  const shots = Array.from({ length: SHOTS }, (_, i): Shot => ({
    image: noise(i),
    text: `thing number ${i}`,
  }));
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    using read = await model.prefix(shotItems(model.style, shots));
    await savePrefix(model, read, path);
    using prefix = await openPrefix(model, path);
    const ways: Record<string, DescribeOptions> = {
      saved: { prefix },
      cached: { shots },
      none: {},
    };
    const order = Object.keys(ways);
    const rates: Record<string, number[]> = { saved: [], cached: [], none: [] };
    for (let i = 0; i <= REPEATS; i++) {
      for (const [name, options] of Object.entries(ways)) {
        // Every question is about a picture of its own, which is encoded.
        const image = noise(1000 + 3 * i + order.indexOf(name));
        const rate = await ask(model, image, options);
        // The first round captures programs and fills the cache.
        if (i > 0) rates[name]!.push(rate);
      }
    }
    const { saved, cached, none } = rates as Record<string, number[]>;
    const row = (name: string, ours: number[]) =>
      comparedRow(name, "questions/s", { ours, peers: { "no shots": none! } });
    return [
      row(`${SHOTS} shots from a saved prefix`, saved!),
      row(`${SHOTS} shots from the prefix cache`, cached!),
    ];
  } finally {
    await Deno.remove(path);
  }
}

/** Pictures a second that the cache knows, beside new ones. */
export async function benchMediaCache(device: Device): Promise<BenchRow[]> {
  using model = await assemble("rookery-small", { device });
  const known: number[] = [], fresh: number[] = [];
  for (let i = 0; i <= REPEATS; i++) {
    const image = noise(i);
    for (const rates of [fresh, known]) {
      const start = performance.now();
      const { sequence } = await model.open([{ image }]);
      if (i > 0) rates.push(1000 / (performance.now() - start));
      model.engine.close(sequence);
    }
  }
  return [comparedRow("a picture that is known", "pictures/s", {
    ours: known,
    peers: { "a new one": fresh },
  })];
}

/** Questions a second, by one question about a new picture. */
async function ask(
  model: Flamingo,
  image: Picture,
  options: DescribeOptions,
): Promise<number> {
  const start = performance.now();
  const settings = { maxTokens: DRAWN_TOKENS, stop: [], ...options };
  await describe(model, { image }, settings);
  return 1000 / (performance.now() - start);
}

function noise(seed: number): Picture {
  const random = createRandom(seed);
  const data = new Uint8Array(4 * SIDE_PX ** 2);
  for (let i = 0; i < data.length; i++) {
    data[i] = i % 4 === 3 ? 255 : 256 * random();
  }
  return { width: SIDE_PX, height: SIDE_PX, data };
}
