/**
 * Elementwise ops of one operand. An op file gives the formula for a single
 * element, in TypeScript and in WGSL. Ops of two operands are made in
 * `broadcast.ts` and may be had from here as well.
 *
 * @module
 */

import type { KernelContext, KernelList } from "../core/kernel.ts";
import { defineOp, type GradientRule, type Op } from "../core/op.ts";
import { sizeOf } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import { FLAT_INDEX, flatDispatch } from "../core/wgsl.ts";
import { checkFloat } from "./check_float.ts";

export { type BinaryFormula, defineBinary } from "./broadcast.ts";
export { checkFloat };

/** Formula of an op with one operand. */
export interface UnaryFormula<Attrs> {
  /** Name in snake_case. */
  readonly name: string;
  /** Value of one element. */
  cpu(x: number, attrs: Attrs): number;
  /** Statements of `fn apply(x: f32) -> f32`; may read `p.FIELD`. */
  wgsl(attrs: Attrs): string;
  /** Functions that `wgsl` calls. */
  readonly declarations?: string;
  /** Uniform fields that `wgsl` reads. */
  params?(attrs: Attrs): Record<string, { readonly f32: number }>;
  /** Throws where attributes make no sense. */
  check?(attrs: Attrs): void;
  /** Floating-point operations an element, for cost estimates. */
  readonly flops: number;
  /** Derivative. */
  readonly gradient: GradientRule<Attrs, [x: Tensor]> | "none";
}

/** Makes an elementwise op with one f32 or f16 operand of any shape. */
export function defineUnary<Attrs extends object>(
  formula: UnaryFormula<Attrs>,
): Op<Attrs, [x: Tensor]> {
  const { name, flops, gradient } = formula;
  return defineOp<Attrs, [x: Tensor]>({
    name,
    gradient,
    infer([x], attrs) {
      formula.check?.(attrs);
      const { dtype, shape } = checkFloat(name, x!);
      return { dtype, shape };
    },
    cpu({ inputs, attrs, output }) {
      const x = inputs[0]!;
      for (let i = 0; i < output.length; i++) {
        output[i] = formula.cpu(x[i]!, attrs);
      }
    },
    kernels: (context) => unaryKernel(formula, context),
    // A formula with uniforms of its own cannot move into another kernel.
    ...(formula.params === undefined ? { element: formula } : {}),
    cost: ([x]) => ({
      flops: flops * sizeOf(x!.shape),
      bytes: 8 * sizeOf(x!.shape),
    }),
  });
}

function unaryKernel<Attrs extends object>(
  formula: UnaryFormula<Attrs>,
  { output, attrs }: KernelContext<Attrs>,
): KernelList {
  const size = sizeOf(output.type.shape);
  const isVector = size % 4 === 0;
  const view = isVector ? "vec4" : "scalar";
  const flat = flatDispatch(isVector ? size / 4 : size);
  const value = isVector
    ? "vec4<f32>(apply(v.x), apply(v.y), apply(v.z), apply(v.w))"
    : "apply(v)";
  return {
    kernels: [{
      name: formula.name,
      bindings: [
        { name: "x", of: 0, view },
        { name: "y", of: "output", view, isWritten: true },
      ],
      params: { ...flat.params, ...formula.params?.(attrs) },
      workgroupSize: flat.workgroupSize,
      workgroups: flat.workgroups,
      declarations: `${formula.declarations ?? ""}
fn apply(x: f32) -> f32 {
${formula.wgsl(attrs)}
}`,
      body: `${FLAT_INDEX}\n  let v = load_x(i);\n  store_y(i, ${value});`,
    }],
  };
}
