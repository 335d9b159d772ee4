/**
 * Looks into a model: known tokens and pictures are run by programs of their
 * own, whose inner values can be read. Those that generate stay as they are.
 *
 * @module
 */

import type { Executable } from "../../core/device.ts";
import type { Program } from "../../core/program.ts";
import { bucketOf, CHUNK_LENGTHS, chunksOf } from "./buckets.ts";
import { checkNumbers } from "./check_numbers.ts";
import type { ScoreRow } from "./feed_row.ts";
import type {
  ChunkObservation,
  NamedValue,
  NamedValues,
  Observer,
} from "./observer.ts";
import { pictureJobs, type PicturePixels } from "./picture_jobs.ts";
import { pictureProgram } from "./picture_program.ts";
import { PictureRunner } from "./picture_runner.ts";
import type { ProgramView } from "./program_setup.ts";
import { textProgram } from "./programs.ts";
import type { Chunk, Sequence } from "./sequence.ts";
import type { PagePlace } from "./share_pages.ts";
import type { TextRunner } from "./text_runner.ts";

/** Tokens of one run: logits are read back, and a vocabulary is long. */
const MOST_TOKENS = 32;

/** Tokens of one run of which chances alone are read. */
const MOST_SCORED = 128;

/** An engine's observer. */
export class EngineObserver implements Observer {
  readonly #place: PagePlace;
  readonly #texts: TextRunner;
  readonly #pictures: PictureRunner;

  /** Shares the engine's pools, programs and control rows. */
  constructor(place: PagePlace, texts: TextRunner) {
    this.#place = place;
    this.#texts = texts;
    this.#pictures = new PictureRunner(place.programs);
  }

  /** See `Observer`. */
  async chunk(
    sequence: Sequence,
    chunk: Chunk,
    taps: readonly string[],
  ): Promise<ChunkObservation> {
    const logits: Float32Array[] = [];
    const parts: { count: number; values: Record<string, NamedValue> }[] = [];
    for (const part of chunksOf(chunk, MOST_TOKENS)) {
      const count = part.tokens.length;
      const length = bucketOf(CHUNK_LENGTHS, count, MOST_TOKENS);
      const setup = { ...this.#place.setup(), taps };
      const row = { sequence, chunk: part, draws: 0 };
      const run = { length, wanted: "logits" as const, view: { taps } };
      const program = await this.#texts.run([row], run);
      const built = textProgram(setup, 1, length, "logits");
      const { logits: all, ...values } = await readAll(program, built);
      checkNumbers("logits", all!.values);
      const width = all!.shape.at(-1)!;
      for (let i = 0; i < count; i++) {
        logits.push(all!.values.slice(i * width, (i + 1) * width));
      }
      parts.push({ count, values });
    }
    return { logits, values: joined(parts) };
  }

  /** See `Observer`. */
  async picture(
    pixels: PicturePixels,
    index: number,
    taps: readonly string[],
  ): Promise<NamedValues> {
    const setup = { ...this.#place.setup(), taps };
    const [job] = pictureJobs(setup.stack, [pixels], [index]);
    const { frames } = job!;
    const program = await this.#pictures.look(setup, job!);
    const eyes = setup.stack.eyes!;
    const built = pictureProgram(setup, eyes, { count: 1, frames });
    return new Map(Object.entries(await readAll(program, built)));
  }

  /** See `Observer`. */
  async score(
    { sequence, chunk, targets }: ScoreRow,
    view: Pick<ProgramView, "isClosed"> = {},
  ): Promise<Float32Array> {
    const all = new Float32Array(targets.length);
    let at = 0;
    for (const part of chunksOf(chunk, MOST_SCORED)) {
      const count = part.tokens.length;
      const length = bucketOf(CHUNK_LENGTHS, count, MOST_SCORED);
      const wanted = new Uint32Array(length);
      wanted.set(targets.slice(at, at + count));
      const program = await this.#texts.run(
        [{ sequence, chunk: part, draws: 0 }],
        { length, wanted: "logProbs", targets: wanted, view },
      );
      const [found] = await program.read("logProbs") as [Float32Array];
      all.set(found.subarray(0, count), at);
      at += count;
    }
    return checkNumbers("log-likelihoods", all);
  }
}

/** All results of a program, as f32. */
async function readAll(
  program: Executable,
  { outputs }: Program,
): Promise<Record<string, NamedValue>> {
  const names = Object.keys(outputs);
  const arrays = await program.read(...names);
  return Object.fromEntries(names.map((name, i) => {
    const { shape } = outputs[name]!.type;
    return [name, { shape, values: Float32Array.from(arrays[i]!) }];
  }));
}

/** Values of several runs; those by token one after the other, unpadded. */
function joined(
  parts: readonly {
    readonly count: number;
    readonly values: Readonly<Record<string, NamedValue>>;
  }[],
): NamedValues {
  const all = new Map<string, NamedValue>();
  for (const [name, first] of Object.entries(parts[0]?.values ?? {})) {
    const [, , ...rest] = first.shape;
    // [1, l, h, k]; a gate, [1] or [1, 1, d], is the same in all runs.
    if (first.shape.length !== 4) {
      all.set(name, first);
      continue;
    }
    const size = rest.reduce((product, side) => product * side, 1);
    const rows = parts.reduce((sum, { count }) => sum + count, 0);
    const whole = new Float32Array(rows * size);
    let at = 0;
    for (const { count, values } of parts) {
      whole.set(values[name]!.values.subarray(0, count * size), at);
      at += count * size;
    }
    all.set(name, { shape: [rows, ...rest], values: whole });
  }
  return all;
}
