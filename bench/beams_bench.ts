/**
 * What beams cost: a search of width 4 against four rows that draw greedily.
 *
 * @module
 */

import type { Device } from "../core/device.ts";
import type { Flamingo } from "../models/flamingo/flamingo.ts";
import { writeBeams } from "../models/flamingo/write_many.ts";
import { assemble } from "../plugins/assemble.ts";
import { smollm2Path } from "../tests/support/weights.ts";
import { type BenchRow, comparedRow } from "./row.ts";

const REPEATS = 5;
const WIDTH = 4;
const TOKENS = 32;
const PROMPT = [{
  text: "The old fisherman looked at the sea and thought of the winters",
}];
const SETTINGS = { maxTokens: TOKENS, stop: [] };

/** Tokens a second of one text of the search, and of each greedy row. */
export async function benchBeams(device: Device): Promise<BenchRow[]> {
  using model = await assemble(await smollm2Path(), { device });
  const beams: number[] = [], rows: number[] = [];
  await timeBeams(model);
  await timeRows(model);
  for (let i = 0; i < REPEATS; i++) {
    beams.push(await timeBeams(model));
    rows.push(await timeRows(model));
  }
  const figures = { ours: beams, peers: { "4 greedy rows": rows } };
  return [comparedRow("SmolLM2 4 beams, 32 tokens", "tokens/s", figures)];
}

async function timeBeams(model: Flamingo): Promise<number> {
  const begin = performance.now();
  await writeBeams(model, PROMPT, SETTINGS, { beams: WIDTH });
  return 1000 * TOKENS / (performance.now() - begin);
}

async function timeRows(model: Flamingo): Promise<number> {
  const begin = performance.now();
  const opened = [];
  for (let i = 0; i < WIDTH; i++) {
    opened.push(await model.open(PROMPT, SETTINGS));
  }
  const { engine } = model;
  await engine.step(
    opened.map(({ sequence, chunk }) => ({ sequence, chunk, draws: TOKENS })),
  );
  for (const { sequence } of opened) engine.close(sequence);
  return 1000 * TOKENS / (performance.now() - begin);
}
