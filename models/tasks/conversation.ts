/**
 * A conversation about pictures: what was said so far stands before what is
 * said next, and is not run again.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Flamingo } from "../flamingo/flamingo.ts";
import { framesOf, type Media } from "../flamingo/media.ts";
import type { PictureItem, PromptItem } from "../flamingo/prompt.ts";
import {
  openingOf,
  taskSettings,
  taskStyle,
} from "../flamingo/prompt_style.ts";
import { generate } from "../generation/generate.ts";
import type { SamplerSettings } from "../generation/sampler_settings.ts";

/** What a model said. */
export interface Reply {
  /** Its words, trimmed. */
  readonly text: string;
  /** Tokens drawn. */
  readonly tokens: number;
  /** Tokens of the conversation that needed not to be run again. */
  readonly hitTokens: number;
}

/** How a reply is drawn, and who hears it. */
export interface SayOptions extends SamplerSettings {
  /** Called with text as it comes. */
  readonly onText?: (text: string) => void;
}

/** Pictures, questions and replies in turn. */
export class Conversation {
  readonly #model: Flamingo;
  #items: PromptItem<Media>[] = [];

  /** Nothing is said yet. */
  constructor(model: Flamingo) {
    this.#model = model;
  }

  /** All that was said and shown, as a prompt. */
  get items(): readonly PromptItem<Media>[] {
    return [...this.#items];
  }

  /** Forgets all of it. */
  reset(): void {
    this.#items = [];
  }

  /**
   * Shows a picture or video, which what is said next is about.
   *
   * @throws {RookeryError} `file` or `image` for one that cannot be read; the
   * conversation is as it was then
   */
  async show(item: PictureItem<Media>): Promise<void> {
    const { image } = this.#model;
    if (image === undefined) {
      throw new RookeryError(
        "prompt",
        "Cannot show a picture as the model is a language model without " +
          "vision: use text only, or a Flamingo config",
      );
    }
    // A picture that cannot be read must not stay in all prompts to come.
    await framesOf(item, image);
    this.#items.push(item);
  }

  /**
   * Says something, as a question in the model's style; gives the reply.
   *
   * @throws {RookeryError} as `Flamingo.generate`, e.g. `prompt` once the
   * context is full; the conversation is as it was then
   */
  async say(text: string, options: SayOptions = {}): Promise<Reply> {
    const { onText, ...sampler } = options;
    const { engine, style, tokenizer } = this.#model;
    const { before, joint } = openingOf(style, "answer", text);
    const { separator = "" } = taskStyle(style, "answer");
    const asked = [...this.#items, { text: before }];
    const { beams: _, lengthPenalty: __, ...usual } = taskSettings(
      style,
      "answer",
    );
    const settings = { maxTokens: 64, ...usual, ...sampler };
    const { hitTokens: known } = engine.caches.prefix;
    const { sequence, chunk } = await this.#model.open(asked, settings);
    try {
      const hitTokens = engine.caches.prefix.hitTokens - known;
      for await (
        const piece of generate(engine, sequence, chunk, tokenizer)
      ) onText?.(piece.text);
      const reply = this.#model.textOf(sequence).trim();
      this.#items = [
        ...this.#items,
        { text: before + joint + reply },
        { endOfChunk: true },
        ...(separator === "" ? [] : [{ text: separator }]),
      ];
      return { text: reply, tokens: sequence.samples.length, hitTokens };
    } finally {
      engine.close(sequence);
    }
  }
}
