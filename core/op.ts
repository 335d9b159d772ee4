/**
 * What an op is: one object that holds its shape rule, its meaning on the
 * CPU, its kernels, its gradient and its cost. Calling it adds a node.
 *
 * @module
 */

import type { HostArray } from "./dtype.ts";
import type { KernelContext, KernelList } from "./kernel.ts";
import { Tensor, type TensorType } from "./tensor.ts";

/** Work of one op use. */
export interface Cost {
  /** Floating-point operations (a multiply-add is two). */
  readonly flops: number;
  /** Bytes read and written at least. */
  readonly bytes: number;
}

/** What a CPU meaning gets. */
export interface CpuCall<Attrs> {
  /** Values of the operands, row-major. */
  readonly inputs: readonly HostArray[];
  /** Types of the operands. */
  readonly types: readonly TensorType[];
  /** Attributes of this use. */
  readonly attrs: Attrs;
  /** Where the result goes; for a donated input, that input's own array. */
  readonly output: HostArray;
  /** Type of the result. */
  readonly outputType: TensorType;
}

/** What a gradient rule gets. */
export interface GradientCall<Attrs, Inputs extends readonly Tensor[]> {
  /** Gradient of the loss by the op's result. */
  readonly grad: Tensor;
  /** Operands. */
  readonly inputs: Inputs;
  /** The op's result. */
  readonly output: Tensor;
  /** Attributes of this use. */
  readonly attrs: Attrs;
}

/** Gradient by each operand, `null` where there is none (integer operands). */
export type GradientRule<Attrs, Inputs extends readonly Tensor[]> = (
  call: GradientCall<Attrs, Inputs>,
) => readonly (Tensor | null)[];

/** Everything that an op owes. */
export interface OpDefinition<Attrs, Inputs extends readonly Tensor[]> {
  /** Name in snake_case, as messages and profiles show it. */
  readonly name: string;
  /** Shape and dtype rule; throws a `shape` or `dtype` error. */
  infer(types: readonly TensorType[], attrs: Attrs): TensorType;
  /** The meaning: plain loops, sums in f64, written to `output`. */
  cpu(call: CpuCall<Attrs>): void;
  /** Kernels for a WebGPU device. */
  kernels(context: KernelContext<Attrs>): KernelList;
  /** Derivative built from other ops, or `"none"` where there is none. */
  readonly gradient: GradientRule<Attrs, Inputs> | "none";
  /** Work of one use. */
  cost(types: readonly TensorType[], output: TensorType, attrs: Attrs): Cost;
  /**
   * `cost` counts the room of a cache, of which a run may read less; profiles
   * show no rates of such an op.
   */
  readonly isCostOfRoom?: boolean;
  /** Operand whose buffer the result takes over; its old value is gone. */
  readonly donates?: number;
  /** The result is the first operand's memory under another type; no kernel. */
  readonly isView?: boolean;
  /** Operands that may be weights in a packed layout; some depend on attributes. */
  readonly packs?: readonly number[] | ((attrs: Attrs) => readonly number[]);
  /**
   * State operands that kernels write beside the result. Their new value is
   * `stateAfter(operand, result)`; the old one is gone.
   */
  readonly writes?: readonly number[];
  /** The formula of one element, for ops that take it over when they are fused. */
  readonly element?: ElementFormula<Attrs>;
}

/** What an elementwise op of one operand does to an element. */
export interface ElementFormula<Attrs> {
  /** The meaning. */
  cpu(x: number, attrs: Attrs): number;
  /** WGSL statements of a function of `x: f32` that returns the result. */
  wgsl(attrs: Attrs): string;
  /** WGSL functions that these call. */
  readonly declarations?: string;
}

/** An op: its definition, and a function that adds a use of it to a graph. */
export interface Op<Attrs, Inputs extends readonly Tensor[]>
  extends OpDefinition<Attrs, Inputs> {
  /** Adds a node; throws where shapes or dtypes do not fit. */
  (
    ...args: [
      ...Inputs,
      ...(object extends Attrs ? [attrs?: Attrs] : [attrs: Attrs]),
    ]
  ): Tensor;
}

/** An op of any attributes, as the planner and the CPU device see it. */
// deno-lint-ignore no-explicit-any
export type AnyOp = OpDefinition<any, any>;

/** Makes an op from its definition. */
export function defineOp<
  Attrs extends object,
  Inputs extends readonly Tensor[],
>(
  definition: OpDefinition<Attrs, Inputs>,
): Op<Attrs, Inputs> {
  function call(...args: readonly unknown[]): Tensor {
    const inputs = args.filter((arg) => arg instanceof Tensor);
    const attrs = (args[inputs.length] ?? {}) as Attrs;
    const type = definition.infer(inputs, attrs);
    return new Tensor(type, { kind: "op", op: callable, attrs, inputs });
  }
  // A function's own `name` is read-only, so it is redefined, not assigned.
  const { name, ...rest } = definition;
  const callable = Object.assign(call, rest) as unknown as Op<Attrs, Inputs>;
  return Object.defineProperty(callable, "name", { value: name });
}

/** Operands of a computed value that may be packed weights. */
export function packedOperands(tensor: Tensor): readonly number[] {
  const packs = opOf(tensor)?.packs ?? [];
  if (typeof packs !== "function") return packs;
  return tensor.source.kind === "op" ? packs(tensor.source.attrs) : [];
}

/** The definition behind a computed value, or undefined for leaves. */
export function opOf(tensor: Tensor): AnyOp | undefined {
  return tensor.source.kind === "op"
    ? tensor.source.op as unknown as AnyOp
    : undefined;
}
