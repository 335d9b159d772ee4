/**
 * The checks that every language model must pass, from one folder of golden
 * data: logits, cached decoding, other ways to write its `config.json`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDevice } from "../../core/create_device.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import { assemble, type AssembleOptions } from "../../plugins/assemble.ts";
import type { ModelConfig } from "../../plugins/config.ts";
import type { JsonObject } from "../../plugins/json_file.ts";
import { assertClose } from "../support/assert_close.ts";
import { argmax, chunkOf } from "./compare.ts";
import { type GoldenRow, readGoldenRows } from "./golden_rows.ts";

/** Another `config.json` of the same model: a file beside it, or a change. */
export type OtherConfig = string | ((json: JsonObject) => JsonObject);

/** Options of `checkLanguage`. */
export interface LanguageCheck {
  /** Begins the names of the tests. Default: the folder. */
  readonly name?: string;
  /** What is assembled instead of the folder itself. */
  readonly model?: string | ModelConfig;
  /** More for `assemble`. */
  readonly options?: Omit<AssembleOptions, "device">;
  /** Most that a logit may be off. Default 1e-3. */
  readonly tolerance?: number;
  /**
   * By a name each: what makes the same model in the place of `config.json`,
   * e.g. `{ "transformers 4": "config_v4.json" }`.
   */
  readonly configs?: Readonly<Record<string, OtherConfig>>;
}

/** What tests run on. */
const DEVICES = ["auto", "cpu"] as const;

/** Most that a logit may move when the same tokens come in other portions. */
const PORTION_TOLERANCE = 1e-4;

/** Tokens that are drawn after each row's beginning. */
const DRAWS = 6;

/**
 * Registers the tests of a folder: a name in `tests/golden/models`, or a path.
 * It holds `inputs.safetensors` (`input_ids`, `attention_mask` [b, l]) and
 * `logits.safetensors` (`logits` [b, l, v]); masked tokens are not fed and
 * their logits not compared. Unless a `model` is given, it is itself what is
 * assembled.
 */
export function checkLanguage(
  folder: string,
  check: LanguageCheck = {},
): void {
  const path = pathOf(folder);
  const { name = folder, model = path, options = {} } = check;
  const open = async (device: "auto" | "cpu", from = model) => {
    const held = new DisposableStack();
    const on = held.use(await createDevice({ device }));
    const opened = held.use(await assemble(from, { ...options, device: on }));
    return { opened, [Symbol.dispose]: () => held.dispose() };
  };
  for (const device of DEVICES) {
    Deno.test(`${name}: logits equal the reference's on ${device}, padded rows too`, async () => {
      using held = await open(device);
      const rows = await readGoldenRows(path);
      for (const row of rows) {
        await checkRow(held.opened, row, check.tolerance ?? 1e-3);
      }
    });
    Deno.test(`${name}: portions, single tokens and drawn ones equal one long chunk on ${device}`, async () => {
      using held = await open(device);
      const rows = await readGoldenRows(path);
      const longest = rows.reduce((a, b) =>
        b.tokens.length > a.tokens.length ? b : a
      );
      await checkPortions(held.opened, longest.tokens);
      await checkDrawn(held.opened, rows);
    });
  }
  for (const [style, config] of Object.entries(check.configs ?? {})) {
    Deno.test(`${name}: its config as ${style} makes the same model`, async () => {
      const [row] = await readGoldenRows(path);
      const logits = async (from: string | ModelConfig) => {
        using held = await open("auto", from);
        return await logitsOf(held.opened, row!.tokens);
      };
      const other = await Deno.makeTempDir();
      try {
        await copyWith(path, other, config);
        assert.deepEqual(await logits(other), await logits(path));
      } finally {
        await Deno.remove(other, { recursive: true });
      }
    });
  }
}

/** Path of a golden folder. */
export function pathOf(folder: string): string {
  if (isAbsolute(folder)) return folder;
  return fileURLToPath(new URL(`../golden/models/${folder}`, import.meta.url));
}

/** Logits [l, v] after each of some tokens, of a sequence of their own. */
export async function logitsOf(
  { engine }: Flamingo,
  tokens: readonly number[],
): Promise<Float32Array> {
  const sequence = engine.open();
  try {
    return await engine.logits(sequence, chunkOf(tokens));
  } finally {
    engine.close(sequence);
  }
}

/** A whole row against the reference, and its first token as a prompt. */
async function checkRow(
  model: Flamingo,
  { label, tokens, logits, vocabulary }: GoldenRow,
  tolerance: number,
): Promise<void> {
  const own = await logitsOf(model, tokens);
  assertClose(label, own, logits, { tolerance });
  for (let at = 0; at < logits.length; at += vocabulary) {
    const expected = argmax(logits.subarray(at, at + vocabulary));
    const actual = argmax(own.subarray(at, at + vocabulary));
    assert.equal(actual, expected, `${label}: likeliest after ${at}`);
  }
  const first = await logitsOf(model, tokens.slice(0, 1));
  const expected = logits.subarray(0, vocabulary);
  assertClose(`${label}: one token`, first, expected, { tolerance });
}

/** Feeds tokens by thirds and one by one. */
async function checkPortions(
  model: Flamingo,
  tokens: readonly number[],
): Promise<void> {
  const whole = await logitsOf(model, tokens);
  const vocabulary = whole.length / tokens.length;
  const third = Math.ceil(tokens.length / 3);
  const sizes = [third, third, ...Array<number>(tokens.length).fill(1)];
  const sequence = model.engine.open();
  for (let at = 0, i = 0; at < tokens.length; at += sizes[i++]!) {
    const part = tokens.slice(at, at + sizes[i]!);
    const own = await model.engine.logits(sequence, chunkOf(part));
    const from = at * vocabulary;
    const expected = whole.subarray(from, from + own.length);
    const tolerance = PORTION_TOLERANCE;
    assertClose(`tokens from ${at}`, own, expected, { tolerance });
  }
  model.engine.close(sequence);
}

/**
 * Draws after several rows at once, by the decode program, and compares the
 * chances with those of one long chunk a row.
 */
async function checkDrawn(
  model: Flamingo,
  rows: readonly GoldenRow[],
): Promise<void> {
  const drawing = rows.map(({ label, tokens }) => ({
    label,
    sequence: model.engine.open({ maxTokens: DRAWS }),
    chunk: chunkOf(tokens.slice(0, Math.ceil(tokens.length / 2))),
    draws: DRAWS,
  }));
  await model.engine.step(drawing);
  for (const { label, sequence: { samples }, chunk } of drawing) {
    const drawn = samples.map(({ token }) => token);
    assert.equal(drawn.length, DRAWS);
    const logits = await logitsOf(model, [...chunk.tokens, ...drawn]);
    const { vocabulary } = model.engine.stack.language;
    const expected = drawn.map((token, i) => {
      const at = (chunk.tokens.length + i - 1) * vocabulary;
      const row = logits.subarray(at, at + vocabulary);
      assert.equal(argmax(row), token, `${label}: token ${i} drawn`);
      return logprobOf(row, token);
    });
    const own = samples.map(({ logprob }) => logprob);
    const tolerance = PORTION_TOLERANCE;
    assertClose(`${label}: drawn tokens`, own, expected, { tolerance });
  }
  for (const { sequence } of drawing) model.engine.close(sequence);
}

function logprobOf(logits: Float32Array, token: number): number {
  const most = Math.max(...logits);
  const sum = logits.reduce((total, each) => total + Math.exp(each - most), 0);
  return logits[token]! - most - Math.log(sum);
}

/** The files of a folder in another one, with another `config.json`. */
async function copyWith(
  from: string,
  to: string,
  config: OtherConfig,
): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(join(from, name), join(to, name));
  }
  const source = typeof config === "string" ? config : "config.json";
  const json = JSON.parse(await Deno.readTextFile(join(from, source)));
  const other = typeof config === "string" ? json : config(json);
  await Deno.writeTextFile(join(to, "config.json"), JSON.stringify(other));
}
