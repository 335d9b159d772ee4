/**
 * The rules of beam search, on scores alone: which continuations go on, which
 * are finished, when to stop. They are those of `transformers` (class
 * `GenerationMixin`, `_beam_search`).
 *
 * @module
 */

/** When a search ends before the limit, see `BeamOptions`. */
export type EarlyStopping = boolean | "never";

/** A continuation of a beam by one token. */
export interface Continuation {
  /** Which beam. */
  readonly parent: number;
  /** The token. */
  readonly token: number;
  /** Sum of the log-probabilities, this token's included. */
  readonly sum: number;
}

/** A text that ended. */
export interface FinishedBeam {
  /** Its tokens, the stop token included. */
  readonly tokens: readonly number[];
  /** Sum of their log-probabilities. */
  readonly sum: number;
  /** `sum / tokens ** lengthPenalty`. */
  readonly score: number;
}

/** What the rules depend on. */
export interface BeamRules {
  /** Beams, w. */
  readonly beams: number;
  /** Exponent of the length that scores are divided by. */
  readonly lengthPenalty: number;
  /** When to end. */
  readonly earlyStopping: EarlyStopping;
  /** Most tokens to draw. */
  readonly maxTokens: number;
  /** Tokens that end a text. */
  readonly stop: readonly number[];
}

/** The finished texts of a search, and whether better ones may come. */
export class BeamPool {
  readonly #rules: BeamRules;
  #finished: FinishedBeam[] = [];
  #canImprove = true;

  /** Nothing is finished. */
  constructor(rules: BeamRules) {
    this.#rules = rules;
  }

  /** Finished texts, the best first; at most as many as beams. */
  get finished(): readonly FinishedBeam[] {
    return this.#finished;
  }

  /**
   * Sorts out one step. `found` are continuations, the best first; `tokensOf`
   * gives the tokens of a beam; `length` is how many tokens the continuations
   * have. Returns those that go on, at most as many as beams; none at the end.
   */
  take(
    found: readonly Continuation[],
    length: number,
    tokensOf: (parent: number) => readonly number[],
  ): Continuation[] {
    const { beams, stop, lengthPenalty, maxTokens } = this.#rules;
    const isLast = length >= maxTokens;
    const ends = (one: Continuation): boolean =>
      isLast || stop.includes(one.token);
    const fresh = found.slice(0, beams).filter(ends)
      .map(({ parent, token, sum }): FinishedBeam => ({
        tokens: [...tokensOf(parent), token],
        sum,
        score: sum / length ** lengthPenalty,
      }));
    if (this.#canImprove && !this.#isFull) this.#finish(fresh);
    const running = found.filter((one) => !ends(one)).slice(0, beams);
    this.#canImprove &&= running.length > 0 &&
      this.#mayImprove(running[0]!.sum, length);
    return this.#canImprove && !this.#isFull ? running : [];
  }

  /** Whether no more texts are taken, as there are enough. */
  get #isFull(): boolean {
    const { beams, earlyStopping } = this.#rules;
    return earlyStopping === true && this.#finished.length >= beams;
  }

  #finish(fresh: readonly FinishedBeam[]): void {
    this.#finished = [...this.#finished, ...fresh]
      .sort((a, b) => b.score - a.score)
      .slice(0, this.#rules.beams);
  }

  /** Whether the best running beam may yet beat the worst finished text. */
  #mayImprove(bestSum: number, length: number): boolean {
    const { beams, earlyStopping, lengthPenalty, maxTokens } = this.#rules;
    if (this.#finished.length < beams) return true;
    const hopeful = earlyStopping === "never" && lengthPenalty > 0
      ? maxTokens
      : length;
    return bestSum / hopeful ** lengthPenalty > this.#finished.at(-1)!.score;
  }
}
