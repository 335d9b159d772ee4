/**
 * Text of a sequence as its tokens are drawn, up to a stop string.
 *
 * @module
 */

import type { Sample } from "../../ops/read_control_row.ts";
import type { StreamDecoder, Tokenizer } from "../slots.ts";
import { dropDraws, type Sequence } from "./sequence.ts";
import { StopStrings } from "./stop_strings.ts";

/** A piece of generated text. */
export interface GeneratedPiece {
  /** Text that is certain now; may be empty. */
  readonly text: string;
  /** Number of tokens drawn since the last piece. */
  readonly tokens: number;
  /** These tokens. */
  readonly samples: readonly Sample[];
}

/** Reads a sequence's text while somebody steps it. */
export class TextStream {
  readonly #sequence: Sequence;
  readonly #decoder: StreamDecoder;
  readonly #stops: StopStrings;
  #told: number;

  /** Begins after the tokens that were drawn before. */
  constructor(sequence: Sequence, tokenizer: Tokenizer) {
    this.#sequence = sequence;
    this.#decoder = tokenizer.streamDecoder();
    this.#stops = new StopStrings(sequence.sampler.stopStrings);
    this.#told = sequence.samples.length;
  }

  /**
   * Text of the tokens drawn since the last call; stop tokens have none. At a
   * stop string the sequence is done, and loses the tokens drawn after it.
   */
  take(): GeneratedPiece {
    const { samples, sampler } = this.#sequence;
    const told = this.#told;
    let text = "";
    while (this.#told < samples.length && !this.#stops.isStopped) {
      const { token } = samples[this.#told++]!;
      if (sampler.stop.includes(token)) continue;
      text += this.#stops.push(this.#decoder.push(token));
    }
    if (this.#stops.isStopped) dropDraws(this.#sequence, this.#told);
    const fresh = samples.slice(told, this.#told);
    return { text, tokens: fresh.length, samples: fresh };
  }

  /** Text that was held back, when the sequence is done. */
  end(): string {
    return this.#stops.push(this.#decoder.end()) + this.#stops.end();
  }
}
