/**
 * Checks everything that an op owes: its shape rule, its meaning against
 * PyTorch, its gradient against finite differences, its kernels against its
 * meaning. One call at the top of an op's test file.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  createDevice,
  createHostArray,
  type Device,
  type DType,
  evaluate,
  evaluateOn,
  type HostArray,
  leaf,
  type Op,
  type PackedLayout,
  roundToDtype,
  type Shape,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../../core/mod.ts";
import { assertClose } from "./assert_close.ts";
import { checkGradient } from "./check_gradient.ts";
import { type GoldenCase, readGolden } from "./golden.ts";
import { createRandom, randomValues } from "./random.ts";

export { assertClose };

/** An operand of a case: a shape stands for random f32 values in [-2, 2). */
export type OperandSpec = Shape | {
  /** Sizes. */
  readonly shape: Shape;
  /** Number type; f32 by default. */
  readonly dtype?: DType;
  /** Random values lie in `[low, high)`; `[-2, 2)` by default. */
  readonly range?: readonly [low: number, high: number];
  /** These values instead of random ones. */
  readonly values?: readonly number[];
};

/** One use of an op on values. */
export interface OpCase<Attrs> {
  /** Operands. */
  readonly inputs: readonly OperandSpec[];
  /** Attributes, where the op has any. */
  readonly attrs?: Attrs;
  /** `false` skips the gradient here, e.g. where it would be slow. */
  readonly gradient?: boolean;
  /** `false` skips f16 storage here, e.g. where f16 would overflow. */
  readonly f16?: boolean;
}

/** A use that must be refused. */
export interface BadCase<Attrs> {
  /** Types of the operands; a shape stands for f32. */
  readonly inputs: readonly (Shape | TensorType)[];
  /** Attributes, where the op has any. */
  readonly attrs?: Attrs;
  /** Part of the message. */
  readonly message: RegExp;
}

/** What `checkOp` is told. */
export interface OpChecks<Attrs> {
  /** Uses that must work; edges first: 1, odd sizes, tile ± 1. */
  readonly cases: readonly OpCase<Attrs>[];
  /** Uses that must be refused. */
  readonly bad: readonly BadCase<Attrs>[];
  /**
   * What an error is measured by. `values` (the default): the larger of 1 and
   * the result's size; `magnitudes`: the op's result for the operands' sizes,
   * which is `Σ|aᵢbᵢ|` for sums of products.
   */
  readonly scale?: "values" | "magnitudes";
  /** Most error of f32 kernels in units of the scale; 1e-5 by default. */
  readonly tolerance?: number;
  /** Most error against golden data in units of the scale; 2e-6 by default. */
  readonly goldenTolerance?: number;
  /** Operands kept in f32 when the others are stored as f16, by index. */
  readonly keepF32?: readonly number[];
  /** Layout of packed operands on the device. */
  readonly layout?: PackedLayout;
}

/** A case with leaves made and values chosen. */
interface MadeCase {
  readonly leaves: readonly Tensor[];
  readonly values: ReadonlyMap<Tensor, HostArray>;
  readonly result: Tensor;
}

/** Registers the tests of an op. */
export function checkOp<Attrs, Inputs extends readonly Tensor[]>(
  op: Op<Attrs, Inputs>,
  checks: OpChecks<NoInfer<Attrs>>,
): void {
  const { name, gradient } = op;
  Deno.test(`${name}() means what PyTorch says`, () => {
    const cases = readGolden(name);
    assert(cases.length > 0, `golden data of ${name} has no case`);
    for (const golden of cases) checkGolden(op, golden, checks);
  });
  Deno.test(`${name}() refuses what does not fit`, () => {
    assert(checks.bad.length > 0, `${name} has no bad case`);
    for (const bad of checks.bad) {
      const leaves = bad.inputs.map((input, i) =>
        makeLeaf(op, i, input, bad.attrs as object)
      );
      assert.throws(() => apply(op, leaves, bad.attrs), bad.message);
    }
  });
  if (gradient !== "none") {
    Deno.test(`${name}() has the gradient of its meaning`, () => {
      checks.cases.forEach((one, i) => {
        if (one.gradient === false) return;
        const made = makeCase(op, one, "f32", checks, i);
        checkGradient(`${name} case ${i}`, made.result, made.values);
      });
    });
  }
  for (const dtype of ["f32", "f16"] as const) {
    Deno.test(`${name}() kernels keep to its meaning, ${dtype}`, async () => {
      using device = await createDevice();
      assert.equal(device.profile.kind, "webgpu");
      for (const [i, one] of checks.cases.entries()) {
        if (dtype === "f16" && one.f16 === false) continue;
        const made = makeCase(op, one, dtype, checks, i);
        await checkKernels(op, device, made, checks, i);
      }
    });
  }
}

/** The loose form in which a checker calls an op of any arity. */
type LooseOp = (...args: readonly unknown[]) => Tensor;

function apply<Attrs, Inputs extends readonly Tensor[]>(
  op: Op<Attrs, Inputs>,
  leaves: readonly Tensor[],
  attrs: Attrs | object | undefined,
): Tensor {
  const call = op as unknown as LooseOp;
  return attrs === undefined ? call(...leaves) : call(...leaves, attrs);
}

/** Operands that may be packed weights. */
function packsOf<Attrs, Inputs extends readonly Tensor[]>(
  { packs = [] }: Op<Attrs, Inputs>,
  attrs: object | undefined,
): readonly number[] {
  return typeof packs === "function" ? packs((attrs ?? {}) as Attrs) : packs;
}

function makeLeaf<Attrs, Inputs extends readonly Tensor[]>(
  op: Op<Attrs, Inputs>,
  index: number,
  type: Shape | TensorType,
  attrs?: object,
): Tensor {
  const kind = op.donates === index || op.writes?.includes(index)
    ? "state"
    : packsOf(op, attrs).includes(index)
    ? "weight"
    : "input";
  return leaf(
    kind,
    `operand${index}`,
    "shape" in type ? type : { dtype: "f32", shape: type },
  );
}

function makeCase<Attrs, Inputs extends readonly Tensor[]>(
  op: Op<Attrs, Inputs>,
  { inputs, attrs }: OpCase<Attrs>,
  floats: "f32" | "f16",
  { keepF32 = [] }: OpChecks<Attrs>,
  seed: number,
): MadeCase {
  const random = createRandom(seed + 1);
  const values = new Map<Tensor, HostArray>();
  const packs = packsOf(op, attrs as object);
  const leaves = inputs.map((input, i) => {
    const spec = "shape" in input ? input : { shape: input };
    const { shape, dtype = "f32", range = [-2, 2] as const } = spec;
    const isHalf = dtype === "f32" && floats === "f16" &&
      !keepF32.includes(i) && !packs.includes(i);
    const type: TensorType = { shape, dtype: isHalf ? "f16" : dtype };
    const made = makeLeaf(op, i, type, attrs as object);
    const length = sizeOf(shape);
    values.set(
      made,
      spec.values === undefined
        ? randomValues(random, type.dtype, length, range)
        : toHostArray(type.dtype, spec.values),
    );
    return made;
  });
  return { leaves, values, result: apply(op, leaves, attrs) };
}

function toHostArray(dtype: DType, values: readonly number[]): HostArray {
  const array = createHostArray(dtype, values.length);
  array.set(values);
  return roundToDtype(dtype, array);
}

function checkGolden<Attrs, Inputs extends readonly Tensor[]>(
  op: Op<Attrs, Inputs>,
  golden: GoldenCase,
  checks: OpChecks<Attrs>,
): void {
  const leaves = golden.inputs.map((input, i) =>
    makeLeaf(op, i, input, golden.attrs)
  );
  const values = new Map(
    leaves.map((made, i) => [made, golden.inputs[i]!.values]),
  );
  const result = apply(op, leaves, golden.attrs);
  const label = `${op.name}, golden case "${golden.name}"`;
  assert.deepEqual([...result.shape], golden.output.shape, label);
  assert.equal(result.dtype, golden.output.dtype, label);
  const scale = scaleOf(result, values, checks);
  const [actual] = evaluateCopy([result], values);
  assertClose(label, actual!, golden.output.values, {
    scale,
    tolerance: checks.goldenTolerance ?? 2e-6,
  });
}

async function checkKernels<Attrs, Inputs extends readonly Tensor[]>(
  op: Op<Attrs, Inputs>,
  device: Device,
  { leaves, values, result }: MadeCase,
  checks: OpChecks<Attrs>,
  index: number,
): Promise<void> {
  const [expected] = evaluateCopy([result], values);
  const [actual] = await evaluateOn(
    device,
    [result],
    (leaf) => values.get(leaf)!.slice(),
    checks.layout === undefined ? {} : { layout: checks.layout },
  );
  const shapes = leaves.map(({ shape }) => `[${shape}]`).join(" ");
  const isHalf = leaves.some(({ dtype }) => dtype === "f16") ||
    result.dtype === "f16";
  assertClose(
    `${op.name} case ${index}, ${shapes} on ${device.profile.name}`,
    actual!,
    expected!,
    {
      scale: scaleOf(result, values, checks),
      tolerance: isHalf ? 2e-3 : checks.tolerance ?? 1e-5,
    },
  );
}

/** CPU values; states are copied, as a donating op writes into them. */
function evaluateCopy(
  outputs: readonly Tensor[],
  values: ReadonlyMap<Tensor, HostArray>,
): HostArray[] {
  return evaluate(outputs, (leaf) => values.get(leaf)!.slice());
}

/** What errors of each element are measured by. */
function scaleOf<Attrs>(
  result: Tensor,
  values: ReadonlyMap<Tensor, HostArray>,
  { scale = "values" }: OpChecks<Attrs>,
): HostArray {
  if (scale === "values") {
    const [own] = evaluateCopy([result], values);
    return own!.map((y) => Math.max(1, Math.abs(y)));
  }
  const sizes = new Map(
    [...values].map(([leaf, array]) => [leaf, array.map(Math.abs)] as const),
  );
  return evaluateCopy([result], sizes)[0]!;
}
