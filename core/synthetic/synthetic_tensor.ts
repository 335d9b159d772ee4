/**
 * Weights that are in no file: made from a counter whenever they are read.
 * Devices that know the class make them where they are needed
 * (`webgpu/synthesize.ts`); what is read here is their meaning.
 *
 * All values are even steps around zero with a standard deviation of 0.018, as
 * an initialiser would make them, and exact in every format.
 *
 * @module
 */

import { sizeOf } from "../shape.ts";
import { FORMAT_BLOCKS, type StoredTensor } from "../stored_tensor.ts";
import {
  syntheticBits,
  type SyntheticKey,
  syntheticKey,
} from "./synthetic_bits.ts";

/** Formats that made-up weights come in. */
export type SyntheticFormat = "f32" | "f16" | "q8_0" | "q4_1";

/** f32: 24 bits, less half of them, times this. */
export const F32_STEP: number = 2 ** -28;

/** f16: a byte b stands for (2b − 255) times this; exact and never subnormal. */
export const F16_STEP: number = 2 ** -13;

/** q8_0: the scale of every block, 2⁻¹², as bits of f16. */
export const Q8_0_SCALE = 0x0c00;

/** q4_1: scale 2⁻⁸ and minimum −15 · 2⁻⁹ of every block, as bits of f16. */
export const Q4_1_SCALE = 0x1c00;

/** See {@link Q4_1_SCALE}. */
export const Q4_1_MINIMUM = 0xa780;

/** What a tensor of made-up weights is. */
export interface SyntheticOptions {
  /** Name; other names give other values. */
  readonly name: string;
  /** Sizes, outermost first; rows of blocks are whole blocks. */
  readonly shape: readonly number[];
  /** Format of its bytes; the values depend on it. */
  readonly format: SyntheticFormat;
  /** Other seeds give other values. */
  readonly seed: number;
}

/** A tensor of made-up weights. */
export class SyntheticTensor implements StoredTensor {
  /** Its name. */
  readonly name: string;
  /** Its sizes. */
  readonly shape: readonly number[];
  /** Its format. */
  readonly format: SyntheticFormat;
  /** Bytes of all of it. */
  readonly sizeBytes: number;
  /** Where its values come from. */
  readonly key: SyntheticKey;

  /** Makes nothing yet. */
  constructor({ name, shape, format, seed }: SyntheticOptions) {
    this.name = name;
    this.shape = shape;
    this.format = format;
    const { elements, bytes } = FORMAT_BLOCKS[format];
    this.sizeBytes = sizeOf(shape) / elements * bytes;
    this.key = syntheticKey(seed, name);
  }

  /** Bytes `[start, end)` of the tensor. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const unit = UNITS[this.format];
    const first = Math.floor(start / unit.bytes);
    const last = Math.ceil(end / unit.bytes);
    const out = new Uint8Array((last - first) * unit.bytes);
    const view = new DataView(out.buffer);
    for (let i = first; i < last; i++) {
      unit.write(view, (i - first) * unit.bytes, this.key, i);
    }
    const from = start - first * unit.bytes;
    return Promise.resolve(out.slice(from, from + end - start));
  }
}

/** Bytes that are made together. */
interface Unit {
  readonly bytes: number;
  /** Writes unit `index` of the tensor at byte `at`. */
  write(view: DataView, at: number, key: SyntheticKey, index: number): void;
}

const UNITS: Readonly<Record<SyntheticFormat, Unit>> = {
  f32: {
    bytes: 4,
    write(view, at, key, index) {
      const level = (syntheticBits(key, index) >>> 8) - 2 ** 23;
      view.setFloat32(at, level * F32_STEP, true);
    },
  },
  f16: {
    bytes: 8,
    write(view, at, key, index) {
      const four = syntheticBits(key, index);
      for (let i = 0; i < 4; i++) {
        const level = 2 * ((four >>> (8 * i)) & 255) - 255;
        view.setFloat16(at + 2 * i, level * F16_STEP, true);
      }
    },
  },
  q8_0: {
    bytes: 34,
    write(view, at, key, index) {
      view.setUint16(at, Q8_0_SCALE, true);
      for (let i = 0; i < 8; i++) {
        const word = syntheticBits(key, 8 * index + i);
        view.setUint32(at + 2 + 4 * i, word, true);
      }
    },
  },
  q4_1: {
    bytes: 20,
    write(view, at, key, index) {
      view.setUint16(at, Q4_1_SCALE, true);
      view.setUint16(at + 2, Q4_1_MINIMUM, true);
      for (let i = 0; i < 4; i++) {
        const word = syntheticBits(key, 4 * index + i);
        view.setUint32(at + 4 + 4 * i, word, true);
      }
    },
  },
};
