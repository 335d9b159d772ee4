/**
 * Reads golden data of ops: operands, attributes and results that PyTorch
 * made (`tests/golden/ops/make_golden*.py`).
 *
 * @module
 */

import { createHostArray, type HostArray } from "../../core/dtype.ts";
import { sizeOf } from "../../core/shape.ts";
import type { TensorType } from "../../core/tensor.ts";

/** A value of a golden case. */
export interface GoldenValue extends TensorType {
  /** Values, row-major. */
  readonly values: HostArray;
}

/** One use of an op with its result. */
export interface GoldenCase {
  /** What the case is about. */
  readonly name: string;
  /** Attributes. */
  readonly attrs: object;
  /** Operands. */
  readonly inputs: readonly GoldenValue[];
  /** Result. */
  readonly output: GoldenValue;
}

/** Numbers as JSON has them; what it has not is text: "inf", "-inf", "nan". */
type JsonNumber = number | "inf" | "-inf" | "nan";

interface JsonValue extends TensorType {
  readonly values: readonly JsonNumber[];
}

interface JsonCase {
  readonly name: string;
  readonly attrs: object;
  readonly inputs: readonly JsonValue[];
  readonly output: JsonValue;
}

/** The cases of `tests/golden/ops/NAME.json`. */
export function readGolden(name: string): GoldenCase[] {
  const url = new URL(`../golden/ops/${name}.json`, import.meta.url);
  const { cases } = JSON.parse(Deno.readTextFileSync(url)) as {
    readonly cases: readonly JsonCase[];
  };
  return cases.map(({ name, attrs, inputs, output }) => ({
    name,
    attrs,
    inputs: inputs.map(toGoldenValue),
    output: toGoldenValue(output),
  }));
}

function toGoldenValue({ dtype, shape, values }: JsonValue): GoldenValue {
  const array = createHostArray(dtype, sizeOf(shape));
  if (values.length !== array.length) {
    throw new Error(
      `Golden value of shape [${shape}] holds ${values.length} numbers`,
    );
  }
  values.forEach((value, i) => array[i] = toNumber(value));
  return { dtype, shape, values: array };
}

function toNumber(value: JsonNumber): number {
  if (value === "inf") return Infinity;
  if (value === "-inf") return -Infinity;
  return value === "nan" ? NaN : value;
}
