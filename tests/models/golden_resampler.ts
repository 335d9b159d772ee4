/**
 * A resampler as a config names it, run on golden data with all of the file's
 * weights.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Device } from "../../core/device.ts";
import type { HostArray } from "../../core/dtype.ts";
import { evaluateOn } from "../../core/evaluate_on.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import { WeightScope } from "../../core/template.ts";
import { leaf, type Tensor } from "../../core/tensor.ts";
import type { Resampler } from "../../models/slots.ts";
import { valuesOf } from "../../plugins/computed_tensor.ts";
import { Misfits } from "../../plugins/misfits.ts";
import type { Part, Plugin, TensorMap } from "../../plugins/plugin.ts";
import { openSafetensors } from "../../plugins/safetensors/reader.ts";
import { largestDifference } from "./compare.ts";

const FOLDER = new URL("../golden/models/resamplers/", import.meta.url);

/** A file of golden data and the config section that it is for. */
export interface GoldenResampler {
  /** File without its ending. */
  readonly name: string;
  /** Brings the part. */
  readonly plugin: Plugin;
  /** Name of the part. */
  readonly part: string;
  /** Its options. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What published names begin with, as bridges take off. */
  readonly prefix?: string;
}

/** The resampler that a part makes of its options. */
export async function buildResampler(
  { plugin, part, options }: Omit<GoldenResampler, "name">,
  vision: { readonly positions: number; readonly width: number },
): Promise<Resampler> {
  const misfits = new Misfits();
  const found = partOf(plugin, part);
  const config = found.schema.check(options, "resampler", misfits);
  misfits.throwIfAny("config", "build the resampler");
  const neighbours = { vision: { px: 1, ...vision } };
  return await found.build(config, {
    source: undefined,
    neighbours,
    overrides: new Map(),
  });
}

/** All cases of a file, within 1e-4 of the reference. */
export async function checkResampler(
  golden: GoldenResampler,
  device: Device,
): Promise<void> {
  const path = new URL(`${golden.name}.safetensors`, FOLDER).pathname;
  using checkpoint = await openSafetensors(path);
  const { tensors, metadata } = checkpoint;
  const isCase = (name: string) => /^(features|latents)\.\d+$/.test(name);
  const prefix = golden.prefix ?? "";
  const published = new Map(
    [...tensors].filter(([name]) => !isCase(name)).map(([name, tensor]) => {
      assert.ok(name.startsWith(prefix), name);
      return [name.slice(prefix.length), tensor];
    }),
  );
  const part = partOf(golden.plugin, golden.part);
  const own = { ...checkpoint, tensors: published, metadata };
  const context = { source: undefined, neighbours: {}, overrides: new Map() };
  const weights: TensorMap =
    await part.weights?.(own, golden.options, context) ?? published;
  assert.ok(tensors.has("features.0"), path);
  for (let k = 0; tensors.has(`features.${k}`); k++) {
    const features = tensors.get(`features.${k}`)!;
    const expected = tensors.get(`latents.${k}`)!;
    const latents = await resample(golden, { device, weights, features });
    assert.deepEqual(latents.shape, expected.shape);
    const difference = largestDifference(
      latents.values,
      await valuesOf(expected),
    );
    const label = `${golden.name}, case ${k}: ${difference}`;
    assert.ok(difference <= 1e-4, label);
  }
}

/** Latents of features; each of the batch is the next of one sequence. */
async function resample(
  golden: GoldenResampler,
  { device, weights, features }: {
    readonly device: Device;
    readonly weights: TensorMap;
    readonly features: StoredTensor;
  },
): Promise<{ readonly shape: readonly number[]; readonly values: HostArray }> {
  const [b, , positions, width] = features.shape as [
    number,
    number,
    number,
    number,
  ];
  const resampler = await buildResampler(golden, { positions, width });
  const type = { dtype: "f32" as const, shape: features.shape };
  const inputs: Record<string, Tensor> = {
    features: leaf("input", "features", type),
  };
  if (resampler.readsIndex) {
    inputs.index = leaf("input", "index", { dtype: "u32", shape: [b] });
  }
  const leaves = new Map<string, Tensor>();
  const { latents } = resampler.resample.build(new WeightScope(leaves), inputs);
  assert.deepEqual([...leaves.keys()].sort(), [...weights.keys()].sort());
  assert.deepEqual(latents!.shape, [b, resampler.latents, resampler.width]);
  const values = new Map<string, HostArray>([
    ["features", await valuesOf(features)],
    ["index", Uint32Array.from({ length: b }, (_, i) => i)],
  ]);
  for (const [name, tensor] of weights) {
    assert.deepEqual(leaves.get(name)!.shape, tensor.shape, name);
    values.set(name, await valuesOf(tensor));
  }
  const [result] = await evaluateOn(
    device,
    [latents!],
    ({ source }) => values.get("name" in source ? source.name : "")!,
  );
  return { shape: latents!.shape, values: result! };
}

function partOf(plugin: Plugin, name: string): Part<"resampler"> {
  return plugin.parts.find((part) => part.name === name) as Part<"resampler">;
}
