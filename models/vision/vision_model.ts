/**
 * A vision encoder alone: pictures in, features out.
 *
 * @module
 */

import type { Device, DeviceWeight } from "../../core/device.ts";
import type { ImageProcessor, VisionEncoder } from "../slots.ts";
import { EncoderPrograms } from "./encoder_programs.ts";

/** What a vision model is made of. */
export interface VisionModelParts {
  /** The device it lives on. */
  readonly device: Device;
  /** Its encoder. */
  readonly vision: VisionEncoder;
  /** Its weights, named `vision/…`, released with it. */
  readonly weights: ReadonlyMap<string, DeviceWeight>;
  /** Its image processor, for those who have pictures and no pixels. */
  readonly image?: ImageProcessor;
}

/** A model that turns pictures into features. */
export class VisionModel implements Disposable {
  /** Its device. */
  readonly device: Device;
  /** Its encoder; `positions` and `width` are the features' sizes. */
  readonly vision: VisionEncoder;
  /** Its image processor, where it has one. */
  readonly image: ImageProcessor | undefined;
  readonly #weights: ReadonlyMap<string, DeviceWeight>;
  readonly #programs: EncoderPrograms;

  /** Puts the parts together; `assemble` is the usual way in. */
  constructor({ device, vision, weights, image }: VisionModelParts) {
    this.device = device;
    this.vision = vision;
    this.image = image;
    this.#weights = weights;
    this.#programs = new EncoderPrograms(device, weights);
  }

  /**
   * Features [i, n, d] of pictures, given as normalised pixels [3, px, px].
   *
   * @throws {RookeryError} `shape` for pixels of another size
   */
  async encode(
    pixels: readonly Float32Array<ArrayBuffer>[],
  ): Promise<Float32Array<ArrayBuffer>> {
    const work = { vision: this.vision, result: "features" };
    return await this.#programs.pictures(work, pixels);
  }

  /** Releases weights and programs; the device stays. */
  [Symbol.dispose](): void {
    this.#programs[Symbol.dispose]();
    for (const weight of this.#weights.values()) weight[Symbol.dispose]();
  }
}
