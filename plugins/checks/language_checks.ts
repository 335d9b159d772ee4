/**
 * Checks of language models: templates as stated, and any way to feed the same
 * tokens gives the same logits.
 *
 * @module
 */

import type { Device } from "../../core/device.ts";
import { weightNeeds } from "../../core/program.ts";
import { type InputType, traceTemplate } from "../../core/template.ts";
import type { DType } from "../../core/dtype.ts";
import { Engine } from "../../models/generation/engine.ts";
import { kvType } from "../../models/generation/pool_sizes.ts";
import {
  decodeProgram,
  textProgram,
} from "../../models/generation/programs.ts";
import type { LanguageModel } from "../../models/slots.ts";
import { controlWidth } from "../../ops/control_row.ts";
import { madeValues } from "./made_values.ts";
import { type BuiltCase, mustBeCounts } from "./part_case.ts";
import {
  mustBeAlike,
  mustDiffer,
  mustHaveShape,
  mustNeedTheSame,
} from "./test_bench.ts";

/** Pools for tracing. */
const SIZES = {
  pages: 1,
  pictures: 1,
  rowPages: 1,
  rowPictures: 1,
  activations: "f32",
} as const;

/** Most tokens that are fed, and those that are drawn after the first ones. */
const FED = 9, DRAWN = 3;

/** Checks a language model on all devices. */
export async function languageChecks(
  { value, subject, list, bench }: BuiltCase<"language">,
): Promise<void> {
  const setup = { stack: { language: value }, sizes: SIZES };
  const isRight = await list.check(
    subject,
    "templates give x, positions, caches and logits as stated",
    () => {
      const { width, vocabulary, context, cache: { heads, headDim } } = value;
      mustBeCounts({ width, vocabulary, context, heads, headDim });
      mustBeCounts({ blocks: value.blocks.length });
      checkTemplates(value);
    },
  );
  if (!isRight) return;
  const decode = decodeProgram(setup, 1);
  await list.check(
    subject,
    "weights are as stated, the same for any batch",
    () => {
      mustNeedTheSame(decode, decodeProgram(setup, 2));
      mustNeedTheSame(decode, textProgram(setup, 2, 4, "logits"));
      const prefixes = new Set(value.blocks.map(({ prefix }) => prefix));
      if (prefixes.size !== value.blocks.length) {
        throw new Error("two blocks have one prefix, and so the same weights");
      }
      bench.checkTensors(weightNeeds([decode]));
    },
  );
  const count = Math.min(FED, value.context);
  const tokens = [...madeValues("tokens", count)]
    .map((made) => Math.floor((made + 1) / 2 * value.vocabulary));
  let first: Float32Array | undefined;
  for (const device of bench.devices) {
    const on = `on ${device.profile.kind}`;
    await list.check(
      subject,
      `cached decoding equals one forward ${on}`,
      async () => {
        const weights = await bench.weightsOn(device, weightNeeds([decode]));
        using engine = new Engine(device, { language: value }, weights, {
          tokens: 64,
        });
        const logits = await logitsOf(engine, tokens);
        if (first === undefined) checkFinite(first = logits);
        else compare(bench, device, logits, first);
        await checkPortions(engine, tokens, logits);
        await checkRows(engine, tokens);
      },
    );
  }
}

function checkTemplates(model: LanguageModel): void {
  const { width, vocabulary, embed, blocks, head } = model;
  const [b, l] = [2, 3];
  const type = (dtype: DType, ...shape: number[]): InputType => ({
    dtype,
    shape,
    isState: false,
  });
  const ids = type("u32", b, l);
  const control = type("u32", b, controlWidth(vocabulary));
  const embedded = traceTemplate(embed.template, { ids, control }).outputs;
  mustHaveShape("x of embed", embedded["x"], [b, l, width]);
  mustHaveShape("positions of embed", embedded["positions"], [b, l], "u32");
  const kv = kvType({ language: model }, SIZES);
  const x = type("f32", b, l, width);
  for (const template of new Set(blocks.map((block) => block.template))) {
    const { outputs } = traceTemplate(template, {
      x,
      positions: ids,
      cache: { ...kv, isState: true },
      control,
      table: type("u32", b, SIZES.rowPages),
    });
    mustHaveShape(`x of ${template.name}`, outputs["x"], x.shape);
    mustHaveShape(`cache of ${template.name}`, outputs["cache"], kv.shape);
  }
  for (const rows of [[b, l], [b]]) {
    const given = type("f32", ...rows, width);
    const { logits } = traceTemplate(head.template, { x: given }).outputs;
    mustHaveShape("logits of head", logits, [...rows, vocabulary]);
  }
}

/** Logits [l, v] of tokens in a sequence of their own. */
async function logitsOf(
  engine: Engine,
  tokens: readonly number[],
): Promise<Float32Array> {
  const sequence = engine.open();
  try {
    return await engine.logits(sequence, chunkOf(tokens));
  } finally {
    engine.close(sequence);
  }
}

async function checkPortions(
  engine: Engine,
  tokens: readonly number[],
  whole: Float32Array,
): Promise<void> {
  const width = whole.length / tokens.length;
  const sequence = engine.open();
  let at = 0;
  for (const size of [Math.ceil(tokens.length / 2), ...tokens.map(() => 1)]) {
    const portion = tokens.slice(at, at + size);
    if (portion.length === 0) break;
    const own = await engine.logits(sequence, chunkOf(portion));
    const from = at * width;
    mustBeAlike(
      `logits of ${size} tokens from ${at} on differ from one forward`,
      own,
      whole.slice(from, from + own.length),
    );
    at += size;
  }
  engine.close(sequence);
  if (tokens.length < 2) return;
  const other = tokens.with(
    -1,
    (tokens.at(-1)! + 1) % engine.stack.language.vocabulary,
  );
  const changed = await logitsOf(engine, other);
  const last = whole.length - width;
  const past = [changed.slice(0, last), whole.slice(0, last)] as const;
  mustBeAlike("logits see a token that comes after them", ...past);
  mustDiffer(
    "a token does not change the logits after it",
    changed.slice(last),
    whole.slice(last),
  );
}

/** Draws after two rows at once, and compares with each row alone. */
async function checkRows(
  engine: Engine,
  tokens: readonly number[],
): Promise<void> {
  const length = Math.min(tokens.length, engine.context - DRAWN);
  if (length < 2) return;
  const rows = [tokens.slice(0, length), tokens.slice(1, length)]
    .map((row) => ({
      sequence: engine.open({ maxTokens: DRAWN }),
      chunk: chunkOf(row),
      draws: DRAWN,
    }));
  await engine.step(rows);
  for (const { sequence, chunk } of rows) {
    const drawn = sequence.samples.map(({ token }) => token);
    const logits = await logitsOf(engine, [...chunk.tokens, ...drawn]);
    const width = logits.length / (chunk.tokens.length + drawn.length);
    const expected = drawn.map((token, i) => {
      const at = (chunk.tokens.length + i - 1) * width;
      return logProbOf(logits.slice(at, at + width), token);
    });
    mustBeAlike(
      "chances of tokens drawn beside another row differ from one forward",
      sequence.samples.map(({ logprob }) => logprob),
      expected,
    );
    engine.close(sequence);
  }
}

function logProbOf(logits: Float32Array, token: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, each) => total + Math.exp(each - most), 0);
  return logits[token]! - most - Math.log(sum);
}

function checkFinite(logits: Float32Array): void {
  const at = logits.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new Error(`logit ${at} is ${logits[at]}`);
}

function compare(
  bench: BuiltCase<"language">["bench"],
  device: Device,
  logits: Float32Array,
  first: Float32Array,
): void {
  const own = { logits }, expected = { logits: first };
  bench.compare("the language model", device, { own, first: expected });
}

function chunkOf(tokens: readonly number[]) {
  return { tokens: [...tokens], media: tokens.map(() => 0) };
}
