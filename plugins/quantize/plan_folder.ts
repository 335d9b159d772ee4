/**
 * A quantised model as a folder: a config, and for each part that has weights a
 * safetensors file under the names of its templates.
 *
 * @module
 */

import { join } from "node:path";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import type { BuiltParts } from "../built_parts.ts";
import type { JsonObject } from "../json_file.ts";
import type { BuiltPart } from "../part_builder.ts";
import { PART_NAMES } from "../part_names.ts";
import type { BridgeSlot, SlotName } from "../plugin.ts";
import { writeSafetensors } from "../safetensors/writer.ts";
import { FOLDER_CONFIG } from "./claim_output.ts";
import {
  type OutputPlan,
  type PlannedTensor,
  planTensor,
  type QuantizeJob,
} from "./quantize_job.ts";
import { isTokenizerFile, planTokenizer } from "./tokenizer_files.ts";
import { writtenConfig } from "./written_config.ts";

/** Slots whose parts may have read files. */
const SLOTS = [
  "vision",
  "image",
  "resampler",
  "crossAttention",
  "language",
  "text",
] as const satisfies readonly (SlotName & keyof BuiltParts)[];

/** What lies in the folder of a part. */
interface PartFiles {
  readonly tensors: readonly PlannedTensor[];
  readonly json: ReadonlyMap<string, JsonObject>;
}

/** Plans the folder of a model of any kind. */
export async function planFolder(job: QuantizeJob): Promise<OutputPlan> {
  const files = filesOf(job);
  const tokenizer = await planTokenizer(job);
  const config = await writtenConfig(job, {
    hasFiles: (slot) => files.has(slot),
    hasTokenizer: tokenizer !== undefined,
  });
  const tensors = [...files.values()].flatMap((each) => each.tensors);
  return {
    tensors: tensors.map(({ facts }) => facts),
    async write(path) {
      await Deno.mkdir(path);
      for (const [slot, part] of files) await writePart(join(path, slot), part);
      await tokenizer?.(join(path, "tokenizer"));
      await writeJson(join(path, FOLDER_CONFIG), config);
    },
  };
}

/** Files by slot; slots without any are left out. */
function filesOf(job: QuantizeJob): Map<SlotName, PartFiles> {
  const { parts, matched } = job.prepared;
  const files = new Map<SlotName, PartFiles>();
  for (const slot of SLOTS) {
    const prefix = WEIGHT_PREFIX[slot as BridgeSlot] as string | undefined;
    const own = prefix === undefined
      ? []
      : matched.filter(({ need }) => need.name.startsWith(prefix));
    const tensors = own.map((weight) =>
      planTensor(job, weight, weight.need.name.slice(prefix!.length))
    );
    const json = jsonBeside(job, parts[slot]);
    if (tensors.length + json.size > 0) files.set(slot, { tensors, json });
  }
  return files;
}

/** What a part needs again to be built: nothing where its section says it. */
function jsonBeside(
  { sources }: QuantizeJob,
  built: BuiltPart<SlotName> | undefined,
): ReadonlyMap<string, JsonObject> {
  if (built?.source === undefined || built.part.section) return new Map();
  const read = [...sources.readBeside(built.source)];
  return new Map(read.filter(([name]) => !isTokenizerFile(name)));
}

async function writePart(
  folder: string,
  { tensors, json }: PartFiles,
): Promise<void> {
  await Deno.mkdir(folder);
  for (const [name, value] of json) await writeJson(join(folder, name), value);
  if (tensors.length === 0) return;
  const path = join(folder, "model.safetensors");
  await writeSafetensors(path, tensors.map((each) => each.toWrite), PART_NAMES);
}

async function writeJson(path: string, value: JsonObject): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
