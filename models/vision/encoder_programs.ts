/**
 * Captured programs of encoders, made when first needed and kept. Unlike a
 * language model's they have no state, only weights.
 *
 * @module
 */

import type { Device, DeviceWeight, Executable } from "../../core/device.ts";
import { FUSIONS } from "../../ops/fusion/fusions.ts";
import { RookeryError } from "../../core/errors.ts";
import { type Program, ProgramBuilder } from "../../core/program.ts";
import type { Template } from "../../core/template.ts";
import { bucketOf, groupsOf } from "../generation/buckets.ts";
import { WEIGHT_PREFIX } from "../generation/stack.ts";
import type { VisionEncoder } from "../slots.ts";

/** Picture counts of programs. */
const PICTURE_COUNTS = [1, 2, 4];
const MOST_PICTURES = 4;

/** What is done with the features of pictures. */
export interface PictureWork {
  /** The encoder. */
  readonly vision: VisionEncoder;
  /** Name of the result, and of the programs. */
  readonly result: string;
  /** `features` [b, n, d] → the result; left out, it is `features`. */
  readonly after?: { readonly template: Template; readonly prefix: string };
}

/** Captured programs by name. */
export class EncoderPrograms implements Disposable {
  readonly #device: Device;
  readonly #weights: ReadonlyMap<string, DeviceWeight>;
  readonly #captured = new Map<string, Promise<Executable>>();
  readonly #ready: Executable[] = [];

  /** Starts empty. */
  constructor(device: Device, weights: ReadonlyMap<string, DeviceWeight>) {
    this.#device = device;
    this.#weights = weights;
  }

  /** The captured program of that name, built by `build` at first. */
  get(name: string, build: () => Program): Promise<Executable> {
    const known = this.#captured.get(name);
    if (known !== undefined) return known;
    const made = this.#capture(build());
    this.#captured.set(name, made);
    // A failed capture must not be handed out again.
    made.catch(() => this.#captured.delete(name));
    return made;
  }

  /**
   * Results of pictures, one after the other; `pixels` [3, px, px] of each,
   * normalised as the encoder wants them.
   *
   * @throws {RookeryError} `shape` for pixels of another size
   */
  async pictures(
    work: PictureWork,
    pixels: readonly Float32Array<ArrayBuffer>[],
  ): Promise<Float32Array<ArrayBuffer>> {
    const results: Float32Array[] = [];
    const size = 3 * work.vision.px ** 2;
    pixels.forEach((each, i) => checkSize(each, i, work.vision));
    for (const group of groupsOf(pixels, MOST_PICTURES)) {
      const count = bucketOf(PICTURE_COUNTS, group.length, MOST_PICTURES);
      const program = await this.get(
        `${work.result} ${count}`,
        () => pictureProgram(work, count),
      );
      const all = new Float32Array(count * size);
      group.forEach((each, i) => all.set(each, i * size));
      program.write("pixels", all);
      await program.run();
      const [values] = await program.read(work.result) as [Float32Array];
      results.push(values.subarray(0, values.length / count * group.length));
    }
    return joined(results);
  }

  /** Releases all programs. */
  [Symbol.dispose](): void {
    for (const program of this.#ready) program[Symbol.dispose]();
    this.#ready.length = 0;
    this.#captured.clear();
  }

  async #capture(program: Program): Promise<Executable> {
    const bindings = { weights: this.#weights, states: new Map() };
    const ready = await this.#device.compile(program, bindings);
    this.#ready.push(ready);
    return ready;
  }
}

function checkSize(
  pixels: Float32Array,
  index: number,
  { px }: VisionEncoder,
): void {
  const size = 3 * px ** 2;
  if (pixels.length === size) return;
  throw new RookeryError(
    "shape",
    `Cannot encode picture ${index} as it has ${pixels.length} values: the ` +
      `encoder reads [3, ${px}, ${px}], which are ${size}`,
    { expected: size, actual: pixels.length },
  );
}

function pictureProgram(
  { vision, result, after }: PictureWork,
  count: number,
): Program {
  const builder = new ProgramBuilder(`${result} ${count}`, {
    rewrites: FUSIONS,
  });
  const { px, encode } = vision;
  const shape = [count, 3, px, px];
  const pixels = builder.input("pixels", { dtype: "f32", shape });
  let values = builder.call(encode, WEIGHT_PREFIX.vision, { pixels });
  if (after !== undefined) {
    const { features } = values;
    values = builder.call(after.template, after.prefix, {
      features: features!,
    });
  }
  builder.output(result, values[result]!);
  return builder.build();
}

/** Values of several results in one array. */
export function joined(
  parts: readonly Float32Array[],
): Float32Array<ArrayBuffer> {
  const sizes = parts.map(({ length }) => length);
  const all = new Float32Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
