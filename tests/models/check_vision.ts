/**
 * Runs one vision encoder on its own weights, by the steps of the assembler.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { ProgramBuilder } from "../../core/program.ts";
import { sizeOf } from "../../core/shape.ts";
import { traceTemplate } from "../../core/template.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import type { VisionEncoder } from "../../models/slots.ts";
import { Catalog } from "../../plugins/catalog.ts";
import { loadWeights } from "../../plugins/load_weights.ts";
import { matchWeights } from "../../plugins/match_weights.ts";
import { Misfits } from "../../plugins/misfits.ts";
import { OpenedSources } from "../../plugins/opened_sources.ts";
import { type BuiltPart, PartBuilder } from "../../plugins/part_builder.ts";
import { definePlugin, type Plugin } from "../../plugins/plugin.ts";
import {
  readSafetensors,
  type TensorInMemory,
} from "../../plugins/safetensors/arrays.ts";
import { safetensorsPlugin } from "../../plugins/safetensors/plugin.ts";
import { largestDifference } from "./compare.ts";

/** An encoder with its section of a config. */
export interface VisionSection {
  /** The plugin; its first part is the encoder. */
  readonly plugin: Plugin;
  /** Keys of the section. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** File or folder of its weights; none by default. */
  readonly weights?: string;
}

/** An encoder with golden data. */
export interface VisionCase extends VisionSection {
  /** File or folder of its weights. */
  readonly weights: string;
  /** File with `pixels` [b, 3, px, px] and what they become. */
  readonly golden: string;
  /** Name of the golden features [b, n, d]; `features` by default. */
  readonly features?: string;
  /** First golden position that the encoder gives; 0 by default. */
  readonly first?: number;
}

/**
 * Compares an encoder with golden features, which must differ by 1e-3 at most
 * and say something: a network of zeros would not pass.
 */
export async function checkVision(
  test: VisionCase,
  choice: "auto" | "cpu",
): Promise<void> {
  const golden = await readSafetensors(test.golden);
  const pixels = golden.get("pixels")!;
  const expected = positionsFrom(
    golden.get(test.features ?? "features")!,
    test.first ?? 0,
  );
  using sources = new OpenedSources(await readers(), {});
  const { parts, misfits } = await buildVision(test, sources);
  const { px, positions, width, encode } = parts.vision.value;
  assert.deepEqual(expected.shape, [pixels.shape[0], positions, width]);
  const origins = { bridge: undefined, given: {}, initial: undefined };
  const matched = await matchWeights(parts, origins, misfits);
  misfits.throwIfAny("weights", "load the encoder");
  const builder = new ProgramBuilder("vision");
  const input = builder.input("pixels", {
    dtype: "f32",
    shape: [pixels.shape[0]!, 3, px, px],
  });
  const { features } = builder.call(encode, WEIGHT_PREFIX.vision, {
    pixels: input,
  });
  builder.output("features", features!);
  using device = await createDevice({ device: choice });
  using held = new DisposableStack();
  const weights = await loadWeights(device, matched, { dtype: "stored" });
  for (const weight of weights.values()) held.use(weight);
  const bindings = { weights, states: new Map() };
  const program = held.use(await device.compile(builder.build(), bindings));
  program.write("pixels", pixels.values as Float32Array<ArrayBuffer>);
  program.run();
  const [own] = await program.read("features") as [Float32Array];
  const { values } = expected;
  assert.ok(Math.max(...values) - Math.min(...values) > 1);
  const difference = largestDifference(own, values);
  assert.ok(difference <= 1e-3, `largest difference is ${difference}`);
}

/** Golden features [b, n, d] without the positions before `first`. */
function positionsFrom(
  { shape, values }: TensorInMemory,
  first: number,
): { readonly shape: readonly number[]; readonly values: Float32Array } {
  const [b, n, d] = shape as [number, number, number];
  const kept = (values as Float32Array).filter((_, i) =>
    Math.floor(i / d) % n >= first
  );
  return { shape: [b, n - first, d], values: kept };
}

/** An encoder of its section alone; throws what does not fit. */
export async function visionOf(section: VisionSection): Promise<VisionEncoder> {
  using sources = new OpenedSources(await readers(), {});
  return (await buildVision(section, sources)).parts.vision.value;
}

/** Numbers in all weights that an encoder needs. */
export function weightCount({ px, encode }: VisionEncoder): number {
  const type = { dtype: "f32", shape: [1, 3, px, px], isState: false } as const;
  const { weights } = traceTemplate(encode, { pixels: type });
  let count = 0;
  for (const { shape } of weights.values()) count += sizeOf(shape);
  return count;
}

async function buildVision(
  { plugin, options = {}, weights }: VisionSection,
  sources: OpenedSources,
) {
  const misfits = new Misfits();
  const builder = new PartBuilder(new Catalog([plugin]), sources, misfits);
  const built = await builder.build({
    slot: "vision",
    part: await builder.find("vision", plugin.parts[0]!.name),
    options,
    entry: weights,
    neighbours: {},
  });
  misfits.throwIfAny("config", "build the encoder");
  const vision = built as BuiltPart<"vision">;
  return { parts: { ...NOTHING, vision }, misfits };
}

const NOTHING = {
  language: undefined,
  resampler: undefined,
  crossAttention: undefined,
  image: undefined,
  tokenizer: undefined,
  marks: undefined,
  stops: [],
} as const;

async function readers() {
  const plugin = definePlugin(safetensorsPlugin());
  return await new Catalog([plugin]).readers();
}
