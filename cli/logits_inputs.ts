/**
 * Inputs of `logits`, checked before a model is opened.
 *
 * @module
 */

import { RookeryError, type TensorInMemory } from "../mod.ts";

/** Pixels of pictures, already normalised. */
export interface PixelInputs {
  /** Pictures or videos a row, t. */
  readonly pictures: number;
  /** Frames of each, f; 1 for pictures. */
  readonly frames: number;
  /** Side of a picture. */
  readonly px: number;
  /** Pixels [b, t, f, 3, px, px]. */
  readonly values: Float32Array<ArrayBuffer>;
}

/** What `logits` computes from. */
export interface LogitsInputs {
  /** Rows, b. */
  readonly rows: number;
  /** Tokens a row, l. */
  readonly length: number;
  /** Token ids [b, l]. */
  readonly ids: readonly number[];
  /** Whether each position counts [b, l]. */
  readonly mask: readonly boolean[];
  /** Pictures; undefined for text alone. */
  readonly pixels: PixelInputs | undefined;
}

const KNOWN = ["input_ids", "attention_mask", "pixel_values"];

/** Checks a file's tensors; throws a `file` error that names the tensor. */
export function readLogitsInputs(
  tensors: ReadonlyMap<string, TensorInMemory>,
  path: string,
): LogitsInputs {
  const unknown = [...tensors.keys()].find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    throw badInput(
      path,
      unknown,
      `it is unknown: known are ${KNOWN.join(", ")}`,
    );
  }
  const ids = tensors.get("input_ids");
  if (ids === undefined) throw badInput(path, "input_ids", "it is missing");
  const [rows = 0, length = 0] = ids.shape;
  if (ids.shape.length !== 2 || rows * length === 0) {
    throw badInput(
      path,
      "input_ids",
      `its shape is [${ids.shape}]: it must be [b, l]`,
    );
  }
  const mask = tensors.get("attention_mask");
  if (mask !== undefined && mask.shape.join() !== ids.shape.join()) {
    throw badInput(
      path,
      "attention_mask",
      `its shape is [${mask.shape}]: it must be that of input_ids, [${ids.shape}]`,
    );
  }
  return {
    rows,
    length,
    ids: integersOf(ids, path, "input_ids"),
    mask: mask === undefined
      ? Array.from({ length: rows * length }, () => true)
      : integersOf(mask, path, "attention_mask").map((value) => value !== 0),
    pixels: pixelsOf(tensors.get("pixel_values"), rows, path),
  };
}

/**
 * Rows of token ids of `input_ids` [b, l], without the positions that
 * `attention_mask` leaves out.
 */
export function readTokenRows(
  tensors: ReadonlyMap<string, TensorInMemory>,
  path: string,
): number[][] {
  const text = new Map(
    [...tensors].filter(([name]) => name !== "pixel_values"),
  );
  const { rows, length, ids, mask } = readLogitsInputs(text, path);
  return Array.from(
    { length: rows },
    (_, row) =>
      ids.slice(row * length, (row + 1) * length)
        .filter((_, i) => mask[row * length + i]),
  );
}

function integersOf(
  { values, format }: TensorInMemory,
  path: string,
  name: string,
): number[] {
  if (!["i64", "i32", "u8", "bool"].includes(format)) {
    throw badInput(path, name, `its type is ${format}: it must be I32 or I64`);
  }
  const numbers = Array.from(values as Int32Array, Number);
  const wrong = numbers.find((value) => !(value >= 0));
  if (wrong === undefined) return numbers;
  throw badInput(path, name, `it holds ${wrong}: values are at least 0`);
}

function pixelsOf(
  tensor: TensorInMemory | undefined,
  rows: number,
  path: string,
): PixelInputs | undefined {
  if (tensor === undefined) return undefined;
  const { shape, values } = tensor;
  // [b, t, 3, h, w] is the same memory as [b, t, 1, 3, h, w].
  const [b, t, f, channels, height, width] = shape.length === 5
    ? [shape[0], shape[1], 1, ...shape.slice(2)]
    : shape;
  const rule =
    "[b,t,3,h,w] or [b,t,f,3,h,w], F32, as many rows as input_ids, " +
    "h = w and at least one frame";
  const isRight = (shape.length === 5 || shape.length === 6) && b === rows &&
    f! >= 1 && channels === 3 && height === width &&
    values instanceof Float32Array;
  if (!isRight) {
    throw badInput(
      path,
      "pixel_values",
      `its shape is [${shape}]: it must be ${rule}`,
    );
  }
  return { pictures: t!, frames: f!, px: height!, values };
}

function badInput(path: string, name: string, reason: string): RookeryError {
  return new RookeryError(
    "file",
    `Cannot use ${name} of ${path} as ${reason}`,
    { path },
  );
}
