/**
 * Small language models whose rows are whole blocks of 32, with seeded weights:
 * GGUF files cannot hold others in quantised formats.
 *
 * @module
 */

import { join } from "node:path";
import {
  assemble,
  createDevice,
  outlineModel,
  parseConfig,
  type WeightDtypes,
  writeSafetensors,
} from "../../../mod.ts";
import { WEIGHT_PREFIX } from "../../../models/generation/stack.ts";
import { PART_NAMES } from "../../../plugins/part_names.ts";
import { partNeeds } from "../../../plugins/part_needs.ts";
import { createRandom, randomValues } from "../../support/random.ts";

/** Sizes that all have. */
const SHARED = {
  layers: 2,
  width: 64,
  heads: 4,
  ffnWidth: 96,
  vocabulary: 50,
  context: 64,
  normEps: 1e-5,
};

/** Sections of language models by family. */
export const FAMILIES = {
  llama: {
    part: "llama/decoder",
    ...SHARED,
    kvHeads: 2,
    headDim: 16,
    ropeTheta: 10_000,
    isTied: false,
  },
  gpt2: { part: "gpt2/decoder", ...SHARED, isTied: true },
  gpt_neox: { part: "gpt_neox/decoder", ...SHARED, rotaryDims: 4 },
  mpt: { part: "mpt/decoder", ...SHARED },
} as const;

/** A family by name. */
export type Family = keyof typeof FAMILIES;

/** Writes the folder of a model; gives the path of its config. */
export async function writeWholeBlocks(
  folder: string,
  family: Family,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const language = { ...FAMILIES[family], weights: "tiny.safetensors" };
  const { weights: _, ...sizes } = language;
  const shared = { kind: "language", schema: 1, ...more };
  const outline = await outlineModel(
    parseConfig({ ...shared, language: sizes }, "tiny"),
  );
  const random = createRandom(5);
  const tensors = partNeeds("language", outline.parts).map(
    ({ name, shape }) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const range = [-1, 1] as const;
      const values = randomValues(random, "f32", length, range);
      // Norms around 1, all others small, as in models.
      const isNorm = shape.length === 1 && name.endsWith("weight");
      const data = Float32Array.from(
        values as Float32Array,
        (value) => isNorm ? 1 + value / 10 : value * 0.3,
      );
      return {
        name: name.slice(WEIGHT_PREFIX.language.length),
        shape,
        format: "f32" as const,
        data: new Uint8Array(data.buffer),
      };
    },
  );
  await writeSafetensors(
    join(folder, "tiny.safetensors"),
    tensors,
    PART_NAMES,
  );
  const path = join(folder, `${family}.json`);
  await Deno.writeTextFile(path, JSON.stringify({ ...shared, language }));
  return path;
}

/** Logits of a few tokens. */
export async function tokenLogits(
  model: string,
  dtype: WeightDtypes,
): Promise<Float32Array> {
  using device = await createDevice({ device: "cpu" });
  using opened = await assemble(model, { device, dtype });
  const tokens = [3, 17, 42, 8, 31, 5];
  const { engine } = opened;
  const sequence = engine.open();
  try {
    const media = tokens.map(() => 0);
    return await engine.logits(sequence, { tokens, media });
  } finally {
    engine.close(sequence);
  }
}
