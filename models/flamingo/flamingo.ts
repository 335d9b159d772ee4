/**
 * An assembled model: prompts of pictures and text in, text or likelihoods
 * out. A bare language model is the same thing without eyes.
 *
 * @module
 */

import type { Device, DeviceWeight } from "../../core/device.ts";
import { RookeryError } from "../../core/errors.ts";
import { noted } from "../../core/profile/profiler.ts";
import type { Engine } from "../generation/engine.ts";
import { generate, type GenerateOptions } from "../generation/generate.ts";
import { checkSamplerSettings } from "../generation/check_sampler.ts";
import type {
  Sampler,
  SamplerSettings,
} from "../generation/sampler_settings.ts";
import { scoreAfter } from "../generation/score_after.ts";
import type { Chunk, Sequence } from "../generation/sequence.ts";
import { cutAtStop } from "../generation/stop_strings.ts";
import type { GeneratedPiece } from "../generation/text_stream.ts";
import type { ImageProcessor, Tokenizer } from "../slots.ts";
import type { Media } from "./media.ts";
import { PictureReader } from "./picture_reader.ts";
import { checkPrompt } from "./check_prompt.ts";
import { encodePrompt, type PromptItem, type PromptTokens } from "./prompt.ts";
import { Prefix } from "./prefix.ts";
import type { PromptStyle } from "./prompt_style.ts";
import { type ReadPrompt, readPrompt } from "./read_prompt.ts";

/** What tells a model from others. */
export interface ModelIdentity {
  /** Hash of its config and weights. */
  readonly model: string;
  /** How its matrices lie on the device. */
  readonly weights: string;
  /** Hash of what makes features of pictures: encoder and processing. */
  readonly encoder: string;
}

/** What a model is made of. */
export interface FlamingoParts {
  /** The device it lives on. */
  readonly device: Device;
  /** Its engine. */
  readonly engine: Engine;
  /** Its weights, released with it. */
  readonly weights: ReadonlyMap<string, DeviceWeight>;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Its image processor; undefined for a bare language model. */
  readonly image?: ImageProcessor;
  /** Marks in prompts; undefined for a bare language model. */
  readonly marks?: PromptTokens;
  /** Texts around pictures. */
  readonly style: PromptStyle;
  /** Tokens that end a text, beside the marks. Default none. */
  readonly stops?: readonly number[];
  /** Tells it from other models, for files of prefixes. */
  readonly identity?: ModelIdentity;
  /** What else is released with it, e.g. the files that weights come from. */
  readonly held?: Disposable;
}

/**
 * A prompt that is ready to run: its pictures encoded, its text not yet fed, or
 * only in part: what a cache knew of it, and portions of one with many pictures.
 */
export interface OpenedPrompt extends ReadPrompt {
  /** Its sequence; close it with the engine when done. */
  readonly sequence: Sequence;
}

/** Likelihood of a text after a prompt. */
export interface TextScore {
  /** Sum over its tokens of the natural logarithm of their chances. */
  readonly logLikelihood: number;
  /** Its tokens, the end mark included. */
  readonly tokens: number;
}

/** A model that reads pictures and text. */
export class Flamingo implements Disposable {
  /** Its engine, for those who step it themselves. */
  readonly engine: Engine;
  /** Its device. */
  readonly device: Device;
  /** Its tokenizer. */
  readonly tokenizer: Tokenizer;
  /** Its image processor, where it has eyes. */
  readonly image: ImageProcessor | undefined;
  /** Marks in prompts, where it has eyes. */
  readonly marks: PromptTokens | undefined;
  /** Texts around pictures. */
  readonly style: PromptStyle;
  /** Tells it from other models; undefined if nobody said. */
  readonly identity: ModelIdentity | undefined;
  readonly #stops: readonly number[];
  readonly #weights: ReadonlyMap<string, DeviceWeight>;
  readonly #pictures: PictureReader | undefined;
  readonly #held: Disposable | undefined;

  /** Puts the parts together; `assemble` is the usual way in. */
  constructor(parts: FlamingoParts) {
    this.engine = parts.engine;
    this.device = parts.device;
    this.tokenizer = parts.tokenizer;
    this.image = parts.image;
    this.marks = parts.marks;
    this.style = parts.style;
    this.identity = parts.identity;
    this.#stops = parts.stops ?? [];
    this.#weights = parts.weights;
    this.#held = parts.held;
    this.#pictures = parts.image && new PictureReader(
      parts.image,
      parts.device.profiler,
    );
  }

  /**
   * Encodes a prompt's pictures and text, after a prefix if one is given. Marks
   * are never drawn.
   */
  async open(
    items: readonly PromptItem<Media>[],
    settings: SamplerSettings = {},
    prefix?: Prefix | undefined,
  ): Promise<OpenedPrompt> {
    const after = prefix?.sequence;
    const chunk = noted(
      this.device.profiler,
      ["tokenise", "prompt"],
      () => encodePrompt(items, this.tokenizer, this.marks, after),
    );
    checkPrompt(this.engine, chunk, after);
    const completed = this.#completed(settings);
    const sequence = after
      ? await this.engine.fork(after, completed)
      : this.engine.open(completed);
    try {
      const place = { engine: this.engine, reader: this.#pictures };
      return { sequence, ...await readPrompt(place, sequence, chunk) };
    } catch (error) {
      this.engine.close(sequence);
      throw error;
    }
  }

  /** Reads the beginning that prompts have in common, e.g. examples. */
  async prefix(items: readonly PromptItem<Media>[]): Promise<Prefix> {
    const { sequence, chunk } = await this.open(items);
    try {
      await this.engine.step([{ sequence, chunk, draws: 0 }]);
      return new Prefix(this.engine, sequence);
    } catch (error) {
      this.engine.close(sequence);
      throw error;
    }
  }

  /**
   * Text after a prompt, as it comes, with the tokens that it is made of.
   *
   * @throws {RookeryError} `usage` for settings out of range, `prompt` for one
   * beyond the context, `numeric` where logits go wrong
   */
  async *generate(
    items: readonly PromptItem<Media>[],
    settings: SamplerSettings = {},
    options: GenerateOptions & { readonly prefix?: Prefix | undefined } = {},
  ): AsyncGenerator<GeneratedPiece> {
    const { prefix } = options;
    const { sequence, chunk } = await this.open(items, settings, prefix);
    try {
      yield* generate(this.engine, sequence, chunk, this.tokenizer, options);
    } finally {
      this.engine.close(sequence);
    }
  }

  /**
   * Likelihood of each text, end mark included, after a prompt. The prompt is
   * run once; the texts share its past.
   */
  async score(
    items: readonly PromptItem<Media>[],
    texts: readonly string[],
    prefix?: Prefix | undefined,
  ): Promise<TextScore[]> {
    const targets = texts.map((text) => this.#targets(text));
    const { sequence, chunk } = await this.open(items, {}, prefix);
    try {
      const last = chunk.tokens.length - 1;
      const part = (from: number, to: number): Chunk => ({
        tokens: chunk.tokens.slice(from, to),
        media: chunk.media.slice(from, to),
      });
      if (last > 0) {
        const row = { sequence, chunk: part(0, last), draws: 0 };
        await this.engine.step([row]);
      }
      const end = part(last, last + 1);
      const sums = await scoreAfter(this.engine, sequence, end, targets);
      return sums.map((logLikelihood, i) => ({
        logLikelihood,
        tokens: targets[i]!.length,
      }));
    } finally {
      this.engine.close(sequence);
    }
  }

  /**
   * How tokens of a prompt would be drawn: settings completed with defaults and
   * with the model's own stops and bans.
   *
   * @throws {RookeryError} `usage` for settings out of range
   */
  samplerOf(settings: SamplerSettings): Sampler {
    const { vocabulary } = this.engine.stack.language;
    return checkSamplerSettings(this.#completed(settings), { vocabulary });
  }

  /** Text of drawn tokens without their stop token, up to a stop string. */
  textOf({ samples, sampler }: Sequence): string {
    const ids = samples.map(({ token }) => token)
      .filter((token) => !sampler.stop.includes(token));
    return cutAtStop(this.tokenizer.decode(ids), sampler.stopStrings);
  }

  /** Releases weights, caches and programs; the device stays. */
  [Symbol.dispose](): void {
    this.engine[Symbol.dispose]();
    for (const weight of this.#weights.values()) weight[Symbol.dispose]();
    this.#held?.[Symbol.dispose]();
  }

  /** Tokens of a text that is scored, and what ends it. */
  #targets(text: string): number[] {
    const ids = this.tokenizer.encode(text);
    const end = this.marks?.endOfChunk ?? this.tokenizer.eos;
    if (ids.length > 0) return end === undefined ? ids : [...ids, end];
    throw new RookeryError(
      "prompt",
      `Cannot score the text "${text}" as it has no tokens: give some text`,
      { actual: text },
    );
  }

  /** Settings with the model's own stops and bans. */
  #completed(settings: SamplerSettings): SamplerSettings {
    const { marks, tokenizer } = this;
    const own = [...this.#stops];
    if (marks) own.push(marks.endOfChunk);
    if (tokenizer.eos !== undefined) own.push(tokenizer.eos);
    const stop = settings.stop ?? [...new Set(own)];
    const banned = [...settings.banned ?? []];
    // A mark of several tokens is plain text, whose tokens have other uses.
    if (marks?.image.length === 1) banned.push(...marks.image);
    if (marks?.around !== undefined) banned.push(marks.around);
    return { ...settings, stop, banned };
  }
}
