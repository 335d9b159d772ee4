/**
 * Labels ranked by a contrastive model: by their texts, by pictures of each
 * class, or by both.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { ContrastiveModel } from "../contrastive/contrastive.ts";
import type { Media } from "../flamingo/media.ts";
import type { Classification } from "./classify.ts";
import { contrastiveEncoder } from "./demonstrations/picture_encoder.ts";
import {
  argmax,
  chooseMix,
  type ChosenMix,
  logSoftmax,
  type Mix,
  type MixCase,
  mixScores,
} from "./mixed_scores.ts";
import { type LabelledVectors, Prototypes } from "./prototypes.ts";

/** What labels are compared by. */
export interface ContrastiveLabelsOptions {
  /**
   * Text of a label, with `{label}` in it. Default `a photo of a {label}.`,
   * as CLIP was tested with.
   */
  readonly template?: string;
  /** Pictures of every class, by `contrastiveEncoder`; without them, texts. */
  readonly pictures?: LabelledVectors;
  /**
   * How texts and pictures are mixed: `prototypes` leaves texts out, `both`
   * lets each picture, left out in turn, choose. Default `prototypes`.
   */
  readonly method?: "prototypes" | "both";
}

/** Labels as vectors, ready to be compared with pictures. */
export class ContrastiveLabels {
  /** The labels, in the order of scores. */
  readonly labels: readonly string[];
  /** How texts and pictures are mixed, where both are. */
  readonly mix: ChosenMix | undefined;
  readonly #model: ContrastiveModel;
  readonly #texts: Float32Array;
  readonly #prototypes: Prototypes | undefined;

  private constructor(
    model: ContrastiveModel,
    labels: readonly string[],
    { texts, prototypes, mix }: {
      readonly texts: Float32Array;
      readonly prototypes: Prototypes | undefined;
      readonly mix: ChosenMix | undefined;
    },
  ) {
    this.#model = model;
    this.labels = labels;
    this.#texts = texts;
    this.#prototypes = prototypes;
    this.mix = mix;
  }

  /**
   * Embeds the labels' texts, and adds up their pictures where there are any.
   *
   * @throws {RookeryError} `usage` for a template without `{label}`, `prompt`
   * for a label without a picture or a text that is too long
   */
  static async open(
    model: ContrastiveModel,
    labels: readonly string[],
    options: ContrastiveLabelsOptions = {},
  ): Promise<ContrastiveLabels> {
    const { template = "a photo of a {label}.", pictures, method } = options;
    if (!template.includes("{label}")) {
      throw new RookeryError(
        "usage",
        `Cannot use the template "${template}" as it lacks {label}: write ` +
          "{label} where the label goes",
        { actual: template },
      );
    }
    const rows = labels.map((label) =>
      model.tokensOf(template.replaceAll("{label}", () => label))
    );
    const texts = await model.embedTexts(rows);
    const prototypes = pictures && new Prototypes(labels, pictures);
    const plain = new ContrastiveLabels(model, labels, {
      texts,
      prototypes,
      mix: undefined,
    });
    if (!pictures || method !== "both") return plain;
    const mix = chooseMix(await plain.#leaveOneOut(pictures));
    return new ContrastiveLabels(model, labels, { texts, prototypes, mix });
  }

  /**
   * Ranks the labels for a picture: by the logarithm of their chances, or for
   * prototypes alone by cosines.
   */
  async rank(picture: Media): Promise<Classification> {
    const encoder = contrastiveEncoder(this.#model);
    const [vector] = await encoder.embed([picture]);
    const scores = await this.#scores(vector!);
    return {
      label: this.labels[argmax(scores)]!,
      scores: Object.fromEntries(
        this.labels.map((label, i) => [label, scores[i]!]),
      ),
    };
  }

  async #scores(vector: Float32Array): Promise<number[]> {
    if (!this.#prototypes) return logSoftmax(await this.#logits(vector));
    const cosines = this.#prototypes.cosines(vector);
    if (!this.mix) return cosines;
    const likelihoods = await this.#logits(vector);
    return mixScores({ likelihoods, cosines }, this.mix satisfies Mix);
  }

  async #logits(vector: Float32Array): Promise<number[]> {
    return [...await this.#model.logitsPerImage(vector, this.#texts)];
  }

  async #leaveOneOut({ vectors, labels }: LabelledVectors): Promise<MixCase[]> {
    const cases: MixCase[] = [];
    for (const [place, vector] of vectors.entries()) {
      const answer = this.labels.indexOf(labels[place]!);
      const cosines = this.#prototypes!.cosines(vector, place);
      // The only picture of its class would have nothing to be compared with.
      if (answer < 0 || cosines.some(Number.isNaN)) continue;
      cases.push({ likelihoods: await this.#logits(vector), cosines, answer });
    }
    return cases;
  }
}
