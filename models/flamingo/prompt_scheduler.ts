/**
 * Prompts of pictures and text side by side: requests to a model join and
 * leave its batch between steps.
 *
 * @module
 */

import { ScheduledText } from "../generation/scheduled_text.ts";
import { Scheduler, type SchedulerOptions } from "../generation/scheduler.ts";
import type { SamplerSettings } from "../generation/sampler_settings.ts";
import type { Flamingo } from "./flamingo.ts";
import type { Media } from "./media.ts";
import { encodePrompt, type PromptItem } from "./prompt.ts";

/** Runs prompts of one model side by side. */
export class PromptScheduler {
  readonly #model: Flamingo;
  readonly #scheduler: Scheduler;

  /**
   * Shares the model.
   *
   * @throws {RookeryError} `usage` for an impossible number of rows
   */
  constructor(model: Flamingo, options: SchedulerOptions = {}) {
    this.#model = model;
    this.#scheduler = new Scheduler(model.engine, model.tokenizer, options);
  }

  /** Requests in the batch now, and in line. */
  get load(): { readonly active: number; readonly waiting: number } {
    const { active, waiting } = this.#scheduler;
    return { active, waiting };
  }

  /**
   * Puts a prompt in line. Its text, or the error that is its own, comes from
   * the result: `prompt` for what cannot be a prompt or is longer than the
   * context, `usage` for settings out of range, `memory` where the budget can
   * never hold it, `image` for pictures that cannot be read, `numeric` where
   * logits go wrong. Other prompts go on.
   */
  submit(
    items: readonly PromptItem<Media>[],
    settings: SamplerSettings = {},
    options: { readonly signal?: AbortSignal } = {},
  ): ScheduledText {
    const model = this.#model;
    try {
      const { tokens, pictures } = encodePrompt(
        items,
        model.tokenizer,
        model.marks,
      );
      const { maxTokens } = model.samplerOf(settings);
      return this.#scheduler.submit({
        tokens: tokens.length,
        maxTokens,
        pictures: pictures.length,
        open: () => model.open(items, settings),
        signal: options.signal,
      });
    } catch (error) {
      const text = new ScheduledText();
      text.end(error);
      return text;
    }
  }

  /** Resolves when nobody is left. */
  idle(): Promise<void> {
    return this.#scheduler.idle();
  }
}
