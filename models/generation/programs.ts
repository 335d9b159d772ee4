/**
 * The few programs that every generation is made of: text chunks (with what
 * is wanted of their end), decode steps, page copies. Pictures have theirs in
 * `picture_program.ts`.
 *
 * @module
 */

import type { Program, ProgramBuilder, Value } from "../../core/program.ts";
import type { Template } from "../../core/template.ts";
import type { TensorType } from "../../core/tensor.ts";
import { anyActive } from "../../ops/any_active.ts";
import { logProb } from "../../ops/log_prob.ts";
import { pageCopy } from "../../ops/page_copy.ts";
import { readControl } from "../../ops/read_control.ts";
import { reshape } from "../../ops/reshape.ts";
import { selectLast } from "../../ops/select_last.ts";
import { kvType, mediaType } from "./pool_sizes.ts";
import { castTo, newBuilder, type ProgramSetup } from "./program_setup.ts";
import {
  addDraw,
  declareControl,
  type SamplerExtras,
} from "./sampler_states.ts";
import { WEIGHT_PREFIX } from "./stack.ts";

/** What a chunk of text is run for. */
export type Wanted = "cache" | "sample" | "logits" | "logProbs";

/**
 * A chunk of `length` known tokens in each of `rows` rows; `extras` where one
 * is drawn and a row asks for more than the plain sampler.
 */
export function textProgram(
  setup: ProgramSetup,
  rows: number,
  length: number,
  wanted: Wanted,
  extras?: SamplerExtras,
): Program {
  const builder = newBuilder(setup, `text ${rows}x${length} ${wanted}`);
  const shape = [rows, length];
  const ids = builder.input("ids", { dtype: "u32", shape });
  const media = setup.stack.eyes &&
    builder.input("media", { dtype: "u32", shape });
  const { vocabulary } = setup.stack.language;
  const control = declareControl(builder, vocabulary, rows);
  const x = runBlocks(builder, setup, { rows, ids, media, control });
  if (wanted === "sample") addSampler(builder, setup, { x, control, extras });
  else if (wanted !== "cache") addLogits(builder, setup, x, wanted);
  return builder.build();
}

/** One step: every row feeds the token it drew last and draws another. */
export function decodeProgram(
  setup: ProgramSetup,
  rows: number,
  extras?: SamplerExtras,
): Program {
  const builder = newBuilder(setup, `decode ${rows}`);
  const { vocabulary } = setup.stack.language;
  const control = declareControl(builder, vocabulary, rows);
  // Once all rows are done, steps that are queued behind do nothing.
  const live = builder.state("live", { dtype: "u32", shape: [1] });
  builder.guard(builder.call(ANY_ACTIVE, "", { live, control }).live!);
  const { ids, media } = builder.call(DECODE_INPUTS, "", { control });
  const x = runBlocks(builder, setup, {
    rows,
    ids: ids!,
    media: setup.stack.eyes && media!,
    control,
  });
  addSampler(builder, setup, { x, control, extras });
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

const ANY_ACTIVE: Template = {
  name: "generation/any_active",
  build: (_, { live, control }) => ({ live: anyActive(live!, control!) }), // [1]
};

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

const LOG_PROBS: Template = {
  name: "generation/log_probs",
  build(_, { logits, targets }) {
    const rows = targets!.shape[0]!, vocabulary = logits!.shape.at(-1)!;
    const flat = reshape(logits!, { shape: [rows, vocabulary] });
    return { logProbs: logProb(flat, targets!) };
  },
};

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
  { stack, sizes, isClosed = false }: ProgramSetup,
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
  x = castTo(builder, x!, sizes.activations);
  language.blocks.forEach((block, i) => {
    const gated = eyes?.crossAttention.blocks.find(({ layer }) => layer === i);
    if (eyes && gated && !isClosed) {
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
  const inputs = { x: castTo(builder, x, "f32") };
  return builder.call(template, WEIGHT_PREFIX.language + prefix, inputs)
    .logits!;
}

function addSampler(
  builder: ProgramBuilder,
  setup: ProgramSetup,
  { x, control, extras }: {
    readonly x: Value;
    readonly control: Value;
    readonly extras: SamplerExtras | undefined;
  },
): void {
  const last = builder.call(SELECT_LAST, "", { x, control }).x!;
  const logits = addHead(builder, setup, last);
  addDraw(builder, control, logits, extras);
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
