/**
 * Graph values. A tensor is a type and where it comes from; it never holds
 * data, so building a graph costs nothing and needs no device.
 *
 * @module
 */

import type { DType, HostArray } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/** Number type and sizes of a value. */
export interface TensorType {
  /** Number type. */
  readonly dtype: DType;
  /** Sizes, outermost first. */
  readonly shape: Shape;
}

/** A value that somebody hands in: a run's input, a weight or a state. */
export interface LeafSource {
  /**
   * `input`: written before a run; `weight`: constant while the model lives;
   * `state`: kept between runs, may be donated to an op.
   */
  readonly kind: "input" | "weight" | "state";
  /** Name within its template. */
  readonly name: string;
}

/** A value written in the graph itself. */
export interface ConstantSource {
  /** Tag. */
  readonly kind: "constant";
  /** Its values, row-major. */
  readonly values: HostArray;
}

/** A value that an op computes. The definition is held by reference. */
export interface OpSource {
  /** Tag. */
  readonly kind: "op";
  /** Definition of the op (an `OpDefinition`; typed in `op.ts`). */
  readonly op: { readonly name: string };
  /** Attributes of this use. */
  readonly attrs: unknown;
  /** Operands. */
  readonly inputs: readonly Tensor[];
}

/** Where a value comes from. */
export type TensorSource = LeafSource | ConstantSource | OpSource;

/** A value in a graph. */
export class Tensor implements TensorType {
  /** Number type. */
  readonly dtype: DType;
  /** Sizes, outermost first. */
  readonly shape: Shape;
  /** Where it comes from. */
  readonly source: TensorSource;
  /** Name under which a tap finds it, relative to its template. */
  readonly label: string | undefined;

  /** Makes a value; ops and leaves do this, users rarely. */
  constructor(type: TensorType, source: TensorSource, label?: string) {
    this.dtype = type.dtype;
    this.shape = Object.freeze([...type.shape]);
    this.source = source;
    this.label = label;
  }
}

/** A leaf that the caller of a template provides. */
export function leaf(
  kind: LeafSource["kind"],
  name: string,
  type: TensorType,
): Tensor {
  return new Tensor(type, { kind, name });
}

/** A small value that is part of the graph, e.g. a table. */
export function constant(type: TensorType, values: HostArray): Tensor {
  return new Tensor(type, { kind: "constant", values });
}
