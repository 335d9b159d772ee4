/**
 * A dispatch in words and numbers: what a profile says about it.
 *
 * @module
 */

import { dtypeBytes } from "../dtype.ts";
import { operandsOf } from "../graph.ts";
import type { Operand } from "../kernel.ts";
import { paddedRows, TILE_ROWS } from "../layouts/layout.ts";
import { type Cost, opOf } from "../op.ts";
import { sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** A dispatch as profiles tell it from others. */
export interface KernelUse {
  /** Name of the kernel. */
  readonly kernel: string;
  /** Name of the op. */
  readonly op: string;
  /** Shapes of operands and result. */
  readonly shape: string;
  /** Name of the program. */
  readonly program: string;
  /** Prefix of the segment's weights, e.g. `language.layers.3.`. */
  readonly prefix: string;
  /** Work of the op; nothing for later kernels, and where it is not known. */
  readonly cost: Cost;
}

/** What a use is described by. */
export interface KernelUseFacts {
  /** Name of the kernel. */
  readonly kernel: string;
  /** The value that its op computes. */
  readonly tensor: Tensor;
  /** Operands as the device holds them. */
  readonly inputs: readonly Operand[];
  /** Name of the program. */
  readonly program: string;
  /** Prefix of the segment's weights. */
  readonly prefix: string;
  /** Whether it is the first kernel of its op. */
  readonly isFirst: boolean;
}

const NO_COST: Cost = { flops: 0, bytes: 0 };

/** Describes a dispatch. */
export function describeUse(facts: KernelUseFacts): KernelUse {
  const { kernel, tensor, inputs, program, prefix, isFirst } = facts;
  const operands = inputs.map(showOperand).join(" · ");
  return {
    kernel,
    op: opOf(tensor)!.name,
    shape: `${operands} → ${showOperand({ type: tensor })}`,
    program,
    prefix,
    cost: isFirst && !opOf(tensor)!.isCostOfRoom
      ? costOf(tensor, inputs)
      : NO_COST,
  };
}

function showOperand({ type, layout }: Operand): string {
  const sizes = type.shape.length === 0 ? "1" : type.shape.join("×");
  const dtype = layout?.name ?? type.dtype;
  return dtype === "f32" ? sizes : `${sizes} ${dtype}`;
}

/** The op's cost, which counts four bytes a value, with those it has here. */
function costOf(tensor: Tensor, inputs: readonly Operand[]): Cost {
  const { source } = tensor;
  const attrs = source.kind === "op" ? source.attrs : {};
  const { flops, bytes } = opOf(tensor)!.cost(
    operandsOf(tensor),
    tensor,
    attrs,
  );
  // An op that moves less than a whole packed weight looks up rows of it.
  const packed = inputs.filter(({ type, layout }) =>
    layout !== undefined && bytes >= 4 * sizeOf(type.shape)
  );
  const whole = packed.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
  const others = [...inputs.filter(({ layout }) => !layout), { type: tensor }];
  const weights = packed.reduce((sum, each) => sum + packedBytes(each), 0);
  return {
    flops,
    bytes: weights + (bytes - 4 * whole) * meanBytes(others) / 4,
  };
}

function packedBytes({ type, layout, parts = [] }: Operand): number {
  const columns = sizeOf(type.shape) / type.shape[0]!;
  const tiles = parts.reduce(
    (sum, { start, end }) => sum + paddedRows(end - start) / TILE_ROWS,
    0,
  );
  return tiles * layout!.tileBytes(columns);
}

/** Bytes of a value, on average over some operands. */
function meanBytes(operands: readonly Operand[]): number {
  let bytes = 0, values = 0;
  for (const { type: { dtype, shape } } of operands) {
    bytes += sizeOf(shape) * dtypeBytes(dtype);
    values += sizeOf(shape);
  }
  return values === 0 ? 4 : bytes / values;
}
