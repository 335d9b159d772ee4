/**
 * Linear layers with what stands around them: a norm before, biases,
 * activation, gate and residual after. One op, few kernels; rewrite rules put
 * it in the place of the ops that a model is written in.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { RookeryError } from "../core/errors.ts";
import {
  type AnyOp,
  type Cost,
  type CpuCall,
  defineOp,
  type Op,
} from "../core/op.ts";
import { bindAxes, showShape, sizeOf } from "../core/shape.ts";
import type { Tensor, TensorType } from "../core/tensor.ts";
import { checkFloat } from "./check_float.ts";
import { checkSize } from "./control_type.ts";
import { layerNorm } from "./layer_norm.ts";
import type {
  ProjectActivation,
  ProjectAttrs,
  ProjectGain,
  ProjectNorm,
} from "./project/project_attrs.ts";
import { projectKernels } from "./project/project_kernels.ts";
import { type ProjectRoles, rolesOf } from "./project/roles.ts";
import { rmsNorm } from "./rms_norm.ts";

export type { ProjectActivation, ProjectAttrs, ProjectGain, ProjectNorm };

/**
 * `y = residual + gain · join(activation(norm(x) · w₁ᵀ + b₁), …)`. Operands in
 * order: `x` [.., k]; `w` [nᵢ, k], packed; the norm's operands [k]; biases
 * [nᵢ]; the gain, of one element or one a column; the residual, shaped as the
 * result: [.., Σnᵢ], or [.., n₁] where a gate joins them. Sums are made in f32 over rising k.
 */
export const project: Op<ProjectAttrs, Tensor[]> = defineOp<
  ProjectAttrs,
  Tensor[]
>({
  name: "project",
  packs: ({ weights }) => Array.from({ length: weights }, (_, i) => i + 1),
  infer(types, attrs) {
    checkAttrs(attrs);
    const roles = rolesOf(attrs);
    checkSize("project", "the number of operands", roles.count, types.length);
    const x = checkFloat("project", types[0]!);
    const k = x.shape.at(-1)!;
    const widths = roles.weights.map((i) =>
      bindAxes("project", checkFloat("project", types[i]!).shape, "n k", { k })
        .n!
    );
    for (const i of roles.norm) {
      bindAxes("project", types[i]!.shape, "k", { k });
    }
    roles.biases.forEach((i, w) =>
      bindAxes("project", types[i]!.shape, "n", { n: widths[w]! })
    );
    if (attrs.join === "gate") {
      checkSize("project", "rows of the gated weight", widths[0]!, widths[1]!);
    }
    const width = attrs.join === "gate"
      ? widths[0]!
      : widths.reduce((sum, n) => sum + n, 0);
    const shape = [...x.shape.slice(0, -1), width];
    if (roles.gain !== undefined) checkGain(types[roles.gain]!, width);
    if (roles.residual !== undefined) {
      checkResidual(types[roles.residual]!, shape);
    }
    return { dtype: x.dtype, shape };
  },
  cpu: projectOnCpu,
  kernels: projectKernels,
  gradient: "none",
  cost: projectCost,
});

function checkAttrs(
  { weights, join = "concat", activation, gain, norm }: ProjectAttrs,
): void {
  const isFit = weights >= 1 && weights <= 3 && Number.isInteger(weights) &&
    (join === "concat" || weights === 2) &&
    (activation === undefined || activation.op.element !== undefined) &&
    (activation === undefined || join === "gate" || weights === 1) &&
    (gain === undefined || join === "gate" || weights === 1) &&
    (gain?.activation === undefined ||
      gain.activation.op.element !== undefined) &&
    (norm === undefined || norm.kind === "layer" || norm.operands < 2);
  if (isFit) return;
  throw new RookeryError(
    "config",
    `Cannot apply project to ${weights} weights joined by ${join}` +
      `${activation ? ` with activation ${activation.op.name}` : ""}: give 1 ` +
      "to 3 weights, two for a gate, activations and gains only for one " +
      "weight or a gate, and elementwise, and at most a scale for an RMS norm",
    { op: "project", actual: weights },
  );
}

function checkGain(gain: TensorType, width: number): void {
  checkFloat("project", gain);
  const size = sizeOf(gain.shape);
  if (size !== 1) checkSize("project", "elements of the gain", width, size);
}

function checkResidual(residual: TensorType, shape: readonly number[]): void {
  checkFloat("project", residual);
  if (residual.shape.join() === shape.join()) return;
  throw new RookeryError(
    "shape",
    `Cannot apply project as its residual is ${
      showShape(residual.shape)
    } and ` +
      `its result ${showShape(shape)}: both must be the same`,
    { op: "project", expected: shape, actual: residual.shape },
  );
}

/** What the ops that it stands for would cost, each value moved once. */
function projectCost(
  types: readonly TensorType[],
  output: TensorType,
  attrs: ProjectAttrs,
): Cost {
  const roles = rolesOf(attrs);
  const x = types[0]!, rows = sizeOf(x.shape) / x.shape.at(-1)!;
  const flopsOf = (op: AnyOp, type: TensorType, own: object): number =>
    op.cost([type], type, own).flops;
  const columns = roles.weights.map((i) => types[i]!.shape[0]!);
  const first: TensorType = { dtype: "f32", shape: [rows, columns[0]!] };
  const all = rows * columns.reduce((sum, n) => sum + n, 0);
  const size = sizeOf(output.shape);
  const { norm, activation, gain, join } = attrs;
  const weights = roles.weights.reduce(
    (sum, i) => sum + sizeOf(types[i]!.shape),
    0,
  );
  const extra = [
    norm ? flopsOf(norm.kind === "rms" ? rmsNorm : layerNorm, x, norm) : 0,
    attrs.hasBias ? all : 0,
    activation ? flopsOf(activation.op, first, activation.attrs) : 0,
    join === "gate" ? size : 0,
    gain ? size : 0,
    attrs.hasResidual ? size : 0,
  ];
  return {
    flops: 2 * rows * weights + extra.reduce((a, b) => a + b, 0),
    bytes: 4 * (sizeOf(x.shape) + weights + size * (roles.residual ? 2 : 1)),
  };
}

function projectOnCpu(call: CpuCall<ProjectAttrs>): void {
  const { inputs, types, attrs, output, outputType } = call;
  const roles = rolesOf(attrs);
  const k = types[0]!.shape.at(-1)!, width = outputType.shape.at(-1)!;
  const x = normed(call, roles);
  const { activation, join } = attrs;
  const apply = elementOf(activation);
  for (let row = 0; row * width < output.length; row++) {
    let column = row * width;
    roles.weights.forEach((operand, w) => {
      const weight = inputs[operand]!, bias = inputs[roles.biases[w]!];
      const n = types[operand]!.shape[0]!;
      const isFactor = join === "gate" && w === 1;
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let i = 0; i < k; i++) sum += x[row * k + i]! * weight[j * k + i]!;
        sum += bias?.[j] ?? 0;
        if (isFactor) output[row * width + j]! *= sum;
        else output[column + j] = apply(sum);
      }
      column += n;
    });
  }
  const gain = inputs[roles.gain ?? Infinity];
  const open = elementOf(attrs.gain?.activation);
  if (gain) {
    const factors = Array.from(gain, open);
    output.forEach((y, i) => output[i] = y * factors[i % factors.length]!);
  }
  const residual = inputs[roles.residual ?? Infinity];
  if (residual) output.forEach((y, i) => output[i] = y + residual[i]!);
}

function elementOf(
  activation: ProjectActivation | undefined,
): (x: number) => number {
  if (activation === undefined) return (x) => x;
  const { op, attrs } = activation;
  return (x) => op.element!.cpu(x, attrs);
}

/** Values of x after the norm. */
function normed(
  { inputs, types, attrs: { norm } }: CpuCall<ProjectAttrs>,
  roles: ProjectRoles,
): HostArray {
  const x = inputs[0]!;
  if (norm === undefined) return x;
  const own = [0, ...roles.norm];
  const op = norm.kind === "rms" ? rmsNorm : layerNorm;
  const output = new Float32Array(x.length);
  op.cpu({
    inputs: own.map((i) => inputs[i]!),
    types: own.map((i) => types[i]!),
    attrs: { eps: norm.eps },
    output,
    outputType: types[0]!,
  });
  return output;
}
