/**
 * What `logits` computes: rows one by one, masked positions left out.
 *
 * @module
 */

import {
  type Flamingo,
  pictureOrdinals,
  RookeryError,
  type TensorToWrite,
} from "../mod.ts";
import type { LogitsInputs, PixelInputs } from "./logits_inputs.ts";

/**
 * `logits` [b, l, v], zero at masked positions; for a model with eyes also
 * `vision_features` [b, t, f, n, d] and `latents` [b, t, r, d].
 */
export async function computeLogits(
  model: Flamingo,
  inputs: LogitsInputs,
): Promise<TensorToWrite[]> {
  const { rows, length, pixels } = inputs;
  checkFit(model, inputs);
  const { vocabulary } = model.engine.stack.language;
  const logits = new Float32Array(rows * length * vocabulary);
  for (let row = 0; row < rows; row++) {
    const own = logits.subarray(
      row * length * vocabulary,
      (row + 1) * length * vocabulary,
    );
    await computeRow(model, inputs, row, own);
  }
  const tensors = [floatTensor("logits", [rows, length, vocabulary], logits)];
  if (pixels === undefined || pixels.pictures === 0) return tensors;
  return [...tensors, ...await describePixels(model, rows, pixels)];
}

/** Feeds the positions that count; rows of logits go back to their places. */
async function computeRow(
  { engine, marks }: Flamingo,
  { ids, mask, length, pixels }: LogitsInputs,
  row: number,
  logits: Float32Array,
): Promise<void> {
  const positions = Array.from({ length }, (_, i) => row * length + i)
    .filter((at) => mask[at]);
  if (positions.length === 0) return;
  const tokens = positions.map((at) => ids[at]!);
  const media = pictureOrdinals(tokens, marks);
  const sequence = engine.open();
  try {
    if (pixels !== undefined && media.some((ordinal) => ordinal > 0)) {
      await engine.addPictures(sequence, picturesOf(pixels, row));
    }
    const computed = await engine.logits(sequence, { tokens, media });
    const width = computed.length / tokens.length;
    positions.forEach((at, i) => {
      const values = computed.subarray(i * width, (i + 1) * width);
      logits.set(values, (at - row * length) * width);
    });
  } finally {
    engine.close(sequence);
  }
}

async function describePixels(
  { engine }: Flamingo,
  rows: number,
  pixels: PixelInputs,
): Promise<TensorToWrite[]> {
  const { vision, resampler } = engine.stack.eyes!;
  const all = Array.from({ length: rows }, (_, row) => picturesOf(pixels, row));
  const { features, latents } = await engine.describePictures(
    all.flat(),
    all.flatMap((own) => own.map((_, index) => index)),
  );
  const { pictures: t, frames } = pixels;
  return [
    floatTensor(
      "vision_features",
      [rows, t, frames, vision.positions, vision.width],
      features,
    ),
    floatTensor(
      "latents",
      [rows, t, resampler.latents, resampler.width],
      latents,
    ),
  ];
}

function picturesOf(
  { pictures, frames, px, values }: PixelInputs,
  row: number,
): Float32Array<ArrayBuffer>[] {
  const size = frames * 3 * px * px;
  return Array.from({ length: pictures }, (_, i) => {
    const at = (row * pictures + i) * size;
    return values.slice(at, at + size);
  });
}

function checkFit(model: Flamingo, inputs: LogitsInputs): void {
  const { rows, length, ids, mask, pixels } = inputs;
  const { language, eyes } = model.engine.stack;
  const highest = ids.reduce(
    (most, id, i) => mask[i] ? Math.max(most, id) : most,
    0,
  );
  if (highest >= language.vocabulary) {
    throw unfit(
      `input_ids holds ${highest}: the model's ids are below ${language.vocabulary}`,
    );
  }
  if (pixels !== undefined && eyes === undefined) {
    throw unfit("there are pixel_values: the model has no vision");
  }
  if (pixels !== undefined && pixels.px !== eyes?.vision.px) {
    throw unfit(
      `pictures are ${pixels.px} pixels wide: the model wants ${eyes?.vision.px}`,
    );
  }
  const pictures = pixels?.pictures ?? 0;
  for (let row = 0; row < rows; row++) {
    const marks = ids.slice(row * length, (row + 1) * length)
      .filter((id, i) =>
        mask[row * length + i] && model.marks?.imageStarts.includes(id)
      );
    if (marks.length <= pictures) continue;
    throw unfit(
      `row ${row} of input_ids marks ${marks.length} pictures: pixel_values ` +
        `has ${pictures}`,
    );
  }
}

function unfit(reason: string): RookeryError {
  return new RookeryError("prompt", `Cannot compute logits as ${reason}`);
}

/** A tensor of f32 values to write. */
export function floatTensor(
  name: string,
  shape: readonly number[],
  values: Float32Array,
): TensorToWrite {
  const { buffer, byteOffset, byteLength } = values;
  const data = new Uint8Array(buffer, byteOffset, byteLength);
  return { name, shape, format: "f32", data };
}
