/**
 * A vision encoder and its text twin: both make vectors in one space, whose
 * cosines tell which text belongs to which picture.
 *
 * @module
 */

import type { Device, DeviceWeight } from "../../core/device.ts";
import { RookeryError } from "../../core/errors.ts";
import { ProgramBuilder } from "../../core/program.ts";
import { groupsOf } from "../generation/buckets.ts";
import { WEIGHT_PREFIX } from "../generation/stack.ts";
import type {
  ImageProcessor,
  TextEncoder,
  Tokenizer,
  VisionEncoder,
} from "../slots.ts";
import { EncoderPrograms, joined } from "../vision/encoder_programs.ts";
import { MOST_TEXTS, textBatch, textProgram } from "./text_batch.ts";
import { dotProducts, normalisedRows } from "./vector_rows.ts";

/** What a contrastive model is made of. */
export interface ContrastiveParts {
  /** The device it lives on. */
  readonly device: Device;
  /** Pictures to features. */
  readonly vision: VisionEncoder;
  /** Texts, and features of pictures, to vectors. */
  readonly text: TextEncoder;
  /** Weights, named `vision/…` and `text/…`, released with it. */
  readonly weights: ReadonlyMap<string, DeviceWeight>;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Its image processor. */
  readonly image: ImageProcessor;
  /** Tells it from other models, for files of features. */
  readonly identity?: string;
}

/** A model that compares pictures with texts. */
export class ContrastiveModel implements Disposable {
  /** Its device. */
  readonly device: Device;
  /** Pictures to features. */
  readonly vision: VisionEncoder;
  /** Texts to vectors; `width` is their size, e. */
  readonly text: TextEncoder;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Its image processor. */
  readonly image: ImageProcessor;
  /** Tells it from other models; undefined if nobody said. */
  readonly identity: string | undefined;
  readonly #weights: ReadonlyMap<string, DeviceWeight>;
  readonly #programs: EncoderPrograms;
  #scale: number | undefined;

  /** Puts the parts together; `assemble` is the usual way in. */
  constructor(parts: ContrastiveParts) {
    this.device = parts.device;
    this.vision = parts.vision;
    this.text = parts.text;
    this.tokenizer = parts.tokenizer;
    this.image = parts.image;
    this.identity = parts.identity;
    this.#weights = parts.weights;
    this.#programs = new EncoderPrograms(parts.device, parts.weights);
  }

  /**
   * Unit vectors [i, e] of pictures, given as normalised pixels [3, px, px].
   *
   * @throws {RookeryError} `shape` for pixels of another size
   */
  async embedImages(
    pixels: readonly Float32Array<ArrayBuffer>[],
  ): Promise<Float32Array<ArrayBuffer>> {
    const after = { template: this.text.project, prefix: WEIGHT_PREFIX.text };
    const work = { vision: this.vision, result: "embeds", after };
    const embeds = await this.#programs.pictures(work, pixels);
    return normalisedRows(embeds, this.text.width);
  }

  /**
   * Unit vectors [t, e] of texts, given as token ids with the marks that begin
   * and end a text. Ids after the end, such as padding, change nothing.
   *
   * @throws {RookeryError} `prompt` for a text that is empty, longer than the
   * context, or has ids beyond the vocabulary
   */
  async embedTexts(
    rows: readonly (readonly number[])[],
  ): Promise<Float32Array<ArrayBuffer>> {
    rows.forEach((ids, i) => this.#checkText(ids, i));
    const results: Float32Array[] = [];
    for (const group of groupsOf(rows, MOST_TEXTS)) {
      const { ids, ends, count, length } = textBatch(this.text, group);
      const program = await this.#programs.get(
        `texts ${count}x${length}`,
        () => textProgram(this.text, { count, length }),
      );
      program.write("ids", ids);
      program.write("ends", ends);
      await program.run();
      const [embeds] = await program.read("embeds") as [Float32Array];
      results.push(embeds.subarray(0, group.length * this.text.width));
    }
    return normalisedRows(joined(results), this.text.width);
  }

  /** Ids of a text between the marks that begin and end one. */
  tokensOf(text: string): number[] {
    const { bos, eos } = this.tokenizer;
    const ids = this.tokenizer.encode(text);
    return [bos, ...ids, eos].filter((id) => id !== undefined);
  }

  /** What cosines are multiplied by: one over the temperature. */
  async scale(): Promise<number> {
    this.#scale ??= await this.#readScale();
    return this.#scale;
  }

  /**
   * Logits [i, t] that say how well each text fits each picture, from their
   * unit vectors [i, e] and [t, e].
   */
  async logitsPerImage(
    images: Float32Array,
    texts: Float32Array,
  ): Promise<Float32Array<ArrayBuffer>> {
    const scale = await this.scale();
    return dotProducts(images, texts, { width: this.text.width, scale });
  }

  /** Releases weights and programs; the device stays. */
  [Symbol.dispose](): void {
    this.#programs[Symbol.dispose]();
    for (const weight of this.#weights.values()) weight[Symbol.dispose]();
  }

  async #readScale(): Promise<number> {
    const program = await this.#programs.get("temperature", () => {
      const builder = new ProgramBuilder("temperature");
      const { temperature } = this.text;
      const { logScale } = builder.call(temperature, WEIGHT_PREFIX.text, {});
      builder.output("logScale", logScale!);
      return builder.build();
    });
    await program.run();
    const [values] = await program.read("logScale");
    return Math.exp(values![0]!);
  }

  #checkText(ids: readonly number[], index: number): void {
    const { context, vocabulary } = this.text;
    const strange = ids.find((id) => !(id >= 0 && id < vocabulary));
    const reason = ids.length === 0
      ? "it has no tokens: give at least the mark that ends a text"
      : ids.length > context
      ? `it has ${ids.length} tokens: the model reads at most ${context}`
      : strange !== undefined
      ? `its id ${strange} is not below the vocabulary's ${vocabulary}`
      : undefined;
    if (reason === undefined) return;
    throw new RookeryError(
      "prompt",
      `Cannot embed text ${index} as ${reason}`,
      { actual: ids },
    );
  }
}
