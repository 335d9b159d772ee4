/**
 * Classes as the mean of their pictures' vectors (Snell et al., 2017, with
 * cosines): no training, no text.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { normalisedRows } from "../contrastive/vector_rows.ts";

/** Vectors of labelled pictures. */
export interface LabelledVectors {
  /** Unit vectors [d] of pictures. */
  readonly vectors: readonly Float32Array[];
  /** Class of each. */
  readonly labels: readonly string[];
}

/** Classes that a vector can be compared with. */
export class Prototypes {
  /** The classes, in the order of scores. */
  readonly classes: readonly string[];
  readonly #given: LabelledVectors;
  readonly #sums: ReadonlyMap<string, Float64Array>;

  /**
   * Adds up the vectors of each class.
   *
   * @throws {RookeryError} `prompt` for a class without a picture
   */
  constructor(classes: readonly string[], given: LabelledVectors) {
    this.classes = classes;
    this.#given = given;
    this.#sums = new Map(classes.map((name) => {
      const own = given.vectors.filter((_, i) => given.labels[i] === name);
      if (own.length > 0) return [name, sumOf(own)];
      throw new RookeryError(
        "prompt",
        `Cannot make a prototype of "${name}" as it has no picture: give at ` +
          "least one, or leave the label out",
        { actual: name },
      );
    }));
  }

  /**
   * Cosine of a unit vector with each class's mean. Without the picture of
   * number `without`, where one is given: NaN where a class has no other.
   */
  cosines(vector: Float32Array, without?: number): number[] {
    const { vectors, labels } = this.#given;
    return this.classes.map((name) => {
      let sum = Float32Array.from(this.#sums.get(name)!);
      if (without !== undefined && labels[without] === name) {
        const others = vectors.filter((_, i) =>
          i !== without && labels[i] === name
        );
        if (others.length === 0) return NaN;
        sum = Float32Array.from(sumOf(others));
      }
      const unit = normalisedRows(sum, sum.length);
      return vector.reduce((all, value, i) => all + value * unit[i]!, 0);
    });
  }
}

function sumOf(vectors: readonly Float32Array[]): Float64Array {
  const sum = new Float64Array(vectors[0]!.length);
  for (const vector of vectors) {
    vector.forEach((value, d) => sum[d]! += value);
  }
  return sum;
}
