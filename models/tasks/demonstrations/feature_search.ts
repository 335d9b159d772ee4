/**
 * Exact nearest-neighbour search: all vectors lie on the device as one matrix,
 * a query is one product with it. The host picks the best of the products, as
 * reading all of them takes one wait, and so would reading a few.
 *
 * @module
 */

import type { Device, DeviceWeight, Executable } from "../../../core/device.ts";
import { inMemory } from "../../../core/evaluate_on.ts";
import { RookeryError } from "../../../core/errors.ts";
import { ProgramBuilder } from "../../../core/program.ts";
import { linear } from "../../layers.ts";

/** Name of the matrix among weights, before its own. */
const MATRIX = "features/";

/** A row and its likeness to a query. */
export interface Neighbour {
  /** Its place among the rows. */
  readonly place: number;
  /** Dot product with the query: the cosine, of unit vectors. */
  readonly similarity: number;
}

/** Vectors on a device that can be asked for the nearest ones. */
export class FeatureSearch implements Disposable {
  /** How many vectors. */
  readonly count: number;
  /** Numbers of a vector, d. */
  readonly width: number;
  readonly #weight: DeviceWeight;
  readonly #program: Executable;

  private constructor(
    weight: DeviceWeight,
    program: Executable,
    [count, width]: readonly [number, number],
  ) {
    this.#weight = weight;
    this.#program = program;
    this.count = count;
    this.width = width;
  }

  /**
   * Brings unit vectors [d] to the device.
   *
   * @throws {RookeryError} `shape` for no vectors, or vectors of unlike sizes
   */
  static async open(
    device: Device,
    vectors: readonly Float32Array[],
  ): Promise<FeatureSearch> {
    const shape = [vectors.length, checkedWidth(vectors)] as const;
    const [count, width] = shape;
    const all = new Float32Array(count * width);
    vectors.forEach((vector, i) => all.set(vector, i * width));
    const name = `${MATRIX}weight`;
    const need = { name, shape, isPacked: false };
    const stored = inMemory(name, shape, all);
    const weight = await device.loadWeight(need, stored, undefined);
    try {
      const builder = new ProgramBuilder("nearest");
      const x = builder.input("x", { dtype: "f32", shape: [1, width] });
      const { y } = builder.call(
        {
          name: "nearest",
          build: (scope, { x }) => ({
            y: linear(scope, x!, { outputs: count }),
          }),
        },
        MATRIX,
        { x },
      );
      builder.output("y", y!);
      const program = await device.compile(builder.build(), {
        weights: new Map([[name, weight]]),
        states: new Map(),
      });
      return new FeatureSearch(weight, program, shape);
    } catch (error) {
      weight[Symbol.dispose]();
      throw error;
    }
  }

  /** Likeness of every vector to a query [d], in their order. */
  async similarities(query: Float32Array): Promise<Float32Array> {
    if (query.length !== this.width) {
      throw new RookeryError(
        "shape",
        `Cannot compare a vector of ${query.length} numbers with vectors of ` +
          `${this.width}: use the same encoder for both`,
        { expected: this.width, actual: query.length },
      );
    }
    this.#program.write("x", query as Float32Array<ArrayBuffer>);
    await this.#program.run();
    const [values] = await this.#program.read("y");
    return values as Float32Array;
  }

  /**
   * The nearest vectors to a query [d], the most similar first; of equally
   * similar ones the earlier. `among` are the places that count, default all.
   */
  async nearest(
    query: Float32Array,
    count: number,
    among?: readonly number[],
  ): Promise<Neighbour[]> {
    const values = await this.similarities(query);
    return [...among ?? values.keys()]
      .map((place) => ({ place, similarity: values[place]! }))
      .sort((a, b) => b.similarity - a.similarity || a.place - b.place)
      .slice(0, count);
  }

  /** Gives the device's memory back. */
  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
    this.#weight[Symbol.dispose]();
  }
}

function checkedWidth(vectors: readonly Float32Array[]): number {
  const width = vectors[0]?.length ?? 0;
  const strange = vectors.findIndex(({ length }) => length !== width);
  if (width > 0 && strange < 0) return width;
  throw new RookeryError(
    "shape",
    width === 0
      ? "Cannot search among no vectors: give at least one with a number"
      : `Cannot search among vectors as number ${strange} has ` +
        `${vectors[strange]!.length} numbers where the first has ${width}`,
  );
}
