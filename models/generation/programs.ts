/**
 * The few programs that every generation is made of: text chunks (with what
 * is wanted of their end), decode steps, pictures, page copies.
 *
 * @module
 */

import {
  type Program,
  ProgramBuilder,
  type Value,
} from "../../core/program.ts";
import type { Template } from "../../core/template.ts";
import type { TensorType } from "../../core/tensor.ts";
import { controlWidth } from "../../ops/control_row.ts";
import { logProb } from "../../ops/log_prob.ts";
import { pageCopy } from "../../ops/page_copy.ts";
import { PAGE_SLOTS } from "../../ops/cache_type.ts";
import { readControl } from "../../ops/read_control.ts";
import { reshape } from "../../ops/reshape.ts";
import { sample } from "../../ops/sample.ts";
import { selectLast } from "../../ops/select_last.ts";
import { type ModelStack, type VisionStack, WEIGHT_PREFIX } from "./stack.ts";

/** Sizes of the engine's pools; programs are captured for them. */
export interface PoolSizes {
  /** Pages of the KV cache. */
  readonly pages: number;
  /** Pictures of the media cache. */
  readonly pictures: number;
  /** Pages that one row may hold. */
  readonly rowPages: number;
  /** Pictures that one row may hold. */
  readonly rowPictures: number;
}

/** What a chunk of text is run for. */
export type Wanted = "cache" | "sample" | "logits" | "logProbs";

/** Options shared by all program builders. */
export interface ProgramSetup {
  /** The model. */
  readonly stack: ModelStack;
  /** The pools. */
  readonly sizes: PoolSizes;
  /** Taps, see `ProgramOptions`. */
  readonly taps?: readonly string[];
}

/** Name of the control state that programs of so many rows share. */
export function controlName(rows: number): string {
  return `control${rows}`;
}

/** Type of the KV state of a layer: [pages, 2, g, k, tokens of a page]. */
export function kvType({ language }: ModelStack, sizes: PoolSizes): TensorType {
  const { heads, headDim } = language.cache;
  const shape = [sizes.pages, 2, heads, headDim, PAGE_SLOTS];
  return { dtype: "f32", shape };
}

/** Type of the media state of a gated block: [pictures, 2, h, k, r]. */
export function mediaType(
  { crossAttention }: VisionStack,
  sizes: PoolSizes,
): TensorType {
  const { heads, headDim, latents } = crossAttention.cache;
  return { dtype: "f32", shape: [sizes.pictures, 2, heads, headDim, latents] };
}

/** A chunk of `length` known tokens in each of `rows` rows. */
export function textProgram(
  setup: ProgramSetup,
  rows: number,
  length: number,
  wanted: Wanted,
): Program {
  const builder = newBuilder(setup, `text ${rows}x${length} ${wanted}`);
  const shape = [rows, length];
  const ids = builder.input("ids", { dtype: "u32", shape });
  const media = setup.stack.eyes &&
    builder.input("media", { dtype: "u32", shape });
  const control = declareControl(builder, setup, rows);
  const x = runBlocks(builder, setup, { rows, ids, media, control });
  if (wanted === "sample") addSampler(builder, setup, x, control);
  else if (wanted !== "cache") addLogits(builder, setup, x, wanted);
  return builder.build();
}

/** One step: every row feeds the token it drew last and draws another. */
export function decodeProgram(setup: ProgramSetup, rows: number): Program {
  const builder = newBuilder(setup, `decode ${rows}`);
  const control = declareControl(builder, setup, rows);
  const { ids, media } = builder.call(DECODE_INPUTS, "", { control });
  const x = runBlocks(builder, setup, {
    rows,
    ids: ids!,
    media: setup.stack.eyes && media!,
    control,
  });
  addSampler(builder, setup, x, control);
  return builder.build();
}

/** How many pictures a program takes, and how many frames each of them has. */
export interface PictureCount {
  /** Pictures or videos, t. */
  readonly count: number;
  /** Frames of each, f. */
  readonly frames: number;
}

/** Pixels of pictures into the media cache, by slot. */
export function pictureProgram(
  setup: ProgramSetup,
  eyes: VisionStack,
  { count, frames }: PictureCount,
): Program {
  const builder = newBuilder(setup, `pictures ${count}x${frames}`);
  const { px } = eyes.vision;
  const pixels = builder.input("pixels", {
    dtype: "f32",
    shape: [count * frames, 3, px, px],
  });
  const u32: TensorType = { dtype: "u32", shape: [count] };
  const slots = builder.input("slots", u32);
  const { features } = builder.call(
    eyes.vision.encode,
    WEIGHT_PREFIX.vision,
    { pixels },
  );
  const framed = builder.call(framesOf(frames), "", { features: features! });
  const { resample, readsIndex } = eyes.resampler;
  const index = readsIndex ? { index: builder.input("index", u32) } : {};
  const inputs = { features: framed.features!, ...index };
  let { latents } = builder.call(resample, WEIGHT_PREFIX.resampler, inputs);
  builder.output("features", features!);
  builder.output("latents", latents!);
  const { adapt } = eyes.crossAttention;
  const at = WEIGHT_PREFIX.crossAttention;
  if (adapt) latents = builder.call(adapt, at, { latents: latents! }).latents;
  for (const { layer, prefix } of eyes.crossAttention.blocks) {
    const cache = builder.state(`media${layer}`, mediaType(eyes, setup.sizes));
    const path = WEIGHT_PREFIX.crossAttention + prefix;
    const inputs = { latents: latents!, slots, cache };
    builder.call(eyes.crossAttention.project, path, inputs);
  }
  return builder.build();
}

/** Copies `count` pages of every layer, for sequences that part ways. */
export function copyProgram(setup: ProgramSetup, count: number): Program {
  const builder = newBuilder(setup, `copy ${count}`);
  const type: TensorType = { dtype: "u32", shape: [count] };
  const from = builder.input("from", type);
  const to = builder.input("to", type);
  setup.stack.language.blocks.forEach((_, i) => {
    const cache = builder.state(`kv${i}`, kvType(setup.stack, setup.sizes));
    builder.call(COPY_PAGES, "", { cache, from, to });
  });
  return builder.build();
}

/** Splits frames off: [t·f, n, d] → [t, f, n, d]. */
function framesOf(frames: number): Template {
  return {
    name: "generation/frames",
    build(_, { features }) {
      const [rows, n, d] = features!.shape as [number, number, number];
      const shape = [rows / frames, frames, n, d];
      return { features: reshape(features!, { shape }) };
    },
  };
}

const DECODE_INPUTS: Template = {
  name: "generation/decode_inputs",
  build: (_, { control }) => ({
    ids: readControl(control!, { field: "token" }), // [b, 1]
    media: readControl(control!, { field: "media" }), // [b, 1]
  }),
};

const COPY_PAGES: Template = {
  name: "generation/copy_pages",
  build: (_, { cache, from, to }) => ({ cache: pageCopy(cache!, from!, to!) }),
};

const SELECT_LAST: Template = {
  name: "generation/select_last",
  build: (_, { x, control }) => ({ x: selectLast(x!, control!) }), // [b, d]
};

const SAMPLE: Template = {
  name: "generation/sample",
  build: (_, { control, logits }) => ({ control: sample(control!, logits!) }),
};

const LOG_PROBS: Template = {
  name: "generation/log_probs",
  build(_, { logits, targets }) {
    const rows = targets!.shape[0]!, vocabulary = logits!.shape.at(-1)!;
    const flat = reshape(logits!, { shape: [rows, vocabulary] });
    return { logProbs: logProb(flat, targets!) };
  },
};

function newBuilder({ taps }: ProgramSetup, name: string): ProgramBuilder {
  return new ProgramBuilder(name, taps === undefined ? {} : { taps });
}

function declareControl(
  builder: ProgramBuilder,
  { stack }: ProgramSetup,
  rows: number,
): Value {
  const width = controlWidth(stack.language.vocabulary);
  const type: TensorType = { dtype: "u32", shape: [rows, width] };
  return builder.state(controlName(rows), type);
}

/** Values that all blocks read. */
interface BlockValues {
  readonly rows: number;
  readonly ids: Value;
  readonly media: Value | undefined;
  readonly control: Value;
}

/** Embedding and all layers, gated blocks between them; the last `x`. */
function runBlocks(
  builder: ProgramBuilder,
  { stack, sizes }: ProgramSetup,
  { rows, ids, media, control }: BlockValues,
): Value {
  const { language, eyes } = stack;
  const tableOf = (name: string, width: number): Value =>
    builder.input(name, { dtype: "u32", shape: [rows, width] });
  const table = tableOf("table", sizes.rowPages);
  const mediaTable = eyes && tableOf("mediaTable", sizes.rowPictures);
  const { language: at, crossAttention: atCross } = WEIGHT_PREFIX;
  const { embed } = language;
  let { x, positions } = builder.call(
    embed.template,
    at + embed.prefix,
    { ids, control },
  );
  language.blocks.forEach((block, i) => {
    const gated = eyes?.crossAttention.blocks.find(({ layer }) => layer === i);
    if (eyes && gated) {
      const cache = builder.state(`media${i}`, mediaType(eyes, sizes));
      const { attend } = eyes.crossAttention;
      const inputs = { x: x!, media: media!, mediaTable: mediaTable!, cache };
      x = builder.call(attend, atCross + gated.prefix, inputs).x;
    }
    const cache = builder.state(`kv${i}`, kvType(stack, sizes));
    const inputs = { x: x!, positions: positions!, cache, control, table };
    x = builder.call(block.template, at + block.prefix, inputs).x;
  });
  return x!;
}

function addHead(
  builder: ProgramBuilder,
  { stack: { language } }: ProgramSetup,
  x: Value,
): Value {
  const { template, prefix } = language.head;
  return builder.call(template, WEIGHT_PREFIX.language + prefix, { x }).logits!;
}

function addSampler(
  builder: ProgramBuilder,
  setup: ProgramSetup,
  x: Value,
  control: Value,
): void {
  const last = builder.call(SELECT_LAST, "", { x, control }).x!;
  const logits = addHead(builder, setup, last);
  builder.call(SAMPLE, "", { control, logits });
}

function addLogits(
  builder: ProgramBuilder,
  setup: ProgramSetup,
  x: Value,
  wanted: "logits" | "logProbs",
): void {
  const logits = addHead(builder, setup, x);
  if (wanted === "logits") return builder.output("logits", logits);
  const [rows, length] = x.type.shape as [number, number];
  const type: TensorType = { dtype: "u32", shape: [rows * length] };
  const targets = builder.input("targets", type);
  const { logProbs } = builder.call(LOG_PROBS, "", { logits, targets });
  builder.output("logProbs", logProbs!);
}
