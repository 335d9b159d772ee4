/**
 * A quantised language model as a GGUF file.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { WEIGHT_PREFIX } from "../../models/generation/stack.ts";
import { storedMetadata } from "../gguf/stored_metadata.ts";
import { writeGguf } from "../gguf/writer.ts";
import { ggufText, ggufU32, type GgufValue } from "../gguf_value.ts";
import type { MatchedWeight } from "../match_weights.ts";
import type { GgufForm } from "../plugin.ts";
import { ggufTokenizer } from "../tokenizer/gguf_tokenizer.ts";
import {
  type OutputPlan,
  type PlannedTensor,
  planTensor,
  type QuantizedTensor,
  type QuantizeJob,
} from "./quantize_job.ts";
import { tokenizerSource } from "./tokenizer_files.ts";

/** `general.file_type` by the format of most matrices. */
const FILE_TYPES: Readonly<Record<string, number>> = {
  f32: 0,
  f16: 1,
  q4_0: 2,
  q4_1: 3,
  q8_0: 7,
  bf16: 32,
};

/** Version of the quantised formats, `general.quantization_version`. */
const QUANTIZATION_VERSION = 2;

/**
 * Plans the file.
 *
 * @throws {RookeryError} `config` for a model that GGUF has no place for
 */
export async function planGguf(job: QuantizeJob): Promise<OutputPlan> {
  const form = await formOf(job);
  const weights = [
    ...job.prepared.matched.map((weight) => renamed(form, weight, job)),
    ...form.extra.map((stored): MatchedWeight => ({
      need: { name: stored.name, shape: stored.shape, isPacked: false },
      stored,
    })),
  ];
  const tensors: PlannedTensor[] = weights.map((weight) =>
    planTensor(job, weight, weight.stored.name)
  );
  const facts = tensors.map((each) => each.facts);
  const metadata = await metadataOf(job, form, facts);
  return {
    tensors: facts,
    write: (path) =>
      writeGguf(path, tensors.map(({ toWrite }) => toWrite), metadata),
  };
}

async function formOf(
  { located: { config, path }, prepared: { parts } }: QuantizeJob,
): Promise<GgufForm> {
  if (config.kind !== "language") {
    throw noGguf(path, `it is a ${config.kind} model, not a language model`);
  }
  const { part, config: options, context } = parts.language!;
  if (part.gguf === undefined) {
    throw noGguf(path, `the format has no names for ${part.name}`);
  }
  return await part.gguf(options, context);
}

function noGguf(path: string, reason: string): RookeryError {
  return new RookeryError(
    "config",
    `Cannot write ${path} into a GGUF file as ${reason}: name a folder, ` +
      "without the ending .gguf, which holds any model",
    { path },
  );
}

function renamed(
  form: GgufForm,
  weight: MatchedWeight,
  { located: { path } }: QuantizeJob,
): MatchedWeight {
  const { need, stored } = weight;
  const name = need.name.slice(WEIGHT_PREFIX.language.length);
  const tensor = form.tensor(name, stored);
  if (tensor !== undefined) return { ...weight, stored: tensor };
  throw noGguf(
    path,
    `the format has no place for tensor ${name} in ${form.architecture}`,
  );
}

/** What the file says beside its tensors. */
async function metadataOf(
  job: QuantizeJob,
  form: GgufForm,
  tensors: readonly QuantizedTensor[],
): Promise<Map<string, GgufValue>> {
  const { architecture } = form;
  const { located: { config, path }, prepared: { parts } } = job;
  const own = new Map([
    ["general.architecture", ggufText(architecture)],
    ["general.name", ggufText(config.name ?? path)],
    ...[...form.metadata].map(([key, value]) =>
      [`${architecture}.${key}`, value] as const
    ),
  ]);
  const source = parts.language!.source;
  const isGguf = source?.metadata["general.architecture"] === architecture;
  const before = isGguf
    ? await storedMetadata(source!.checkpoint!.path)
    : new Map<string, GgufValue>();
  const tokens = await tokenizerOf(job);
  const fileType = FILE_TYPES[mainFormat(tensors)];
  return new Map([
    ...own,
    // What a file said stays: its kinds of numbers are what its readers know.
    ...before,
    ...tokens,
    ["general.quantization_version", ggufU32(QUANTIZATION_VERSION)],
    ...(fileType === undefined
      ? []
      : [["general.file_type", ggufU32(fileType)] as const]),
  ]);
}

/** The tokenizer's keys; none where the model has no tokenizer. */
async function tokenizerOf(
  job: QuantizeJob,
): Promise<ReadonlyMap<string, GgufValue>> {
  const source = await tokenizerSource(job);
  if (source === undefined) return new Map();
  if (source.metadata["tokenizer.ggml.model"] === undefined) {
    const { vocabulary } = job.prepared.parts.language!.value;
    return await ggufTokenizer(source.folder, vocabulary) ?? new Map();
  }
  const all = await storedMetadata(source.checkpoint!.path);
  return new Map([...all].filter(([key]) => key.startsWith("tokenizer.")));
}

/** The format of most bytes. */
function mainFormat(tensors: readonly QuantizedTensor[]): string {
  const bytes = new Map<string, number>();
  for (const { to, bytesAfter } of tensors) {
    bytes.set(to, (bytes.get(to) ?? 0) + bytesAfter);
  }
  return [...bytes].reduce((a, b) => b[1] > a[1] ? b : a)[0];
}
