/**
 * Rules that put `project` in the place of products with weights and of what
 * stands around them, one step a rule. Each sum keeps its order, so a rule
 * changes no bit but where it saves a rounding to f16.
 *
 * @module
 */

import { operandsOf } from "../../core/graph.ts";
import { opOf } from "../../core/op.ts";
import type { RewriteRule } from "../../core/rewrite.ts";
import { isSameShape, sizeOf } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { add } from "../add.ts";
import { layerNorm } from "../layer_norm.ts";
import { matmul, type MatmulAttrs } from "../matmul.ts";
import { mul } from "../mul.ts";
import { rmsNorm } from "../rms_norm.ts";
import {
  asProject,
  attrsOf,
  isBare,
  isMadeBy,
  isWeight,
  joined,
  type ProjectUse,
} from "./parts.ts";

/** `x · weightᵀ` → `project`. */
export const productRule: RewriteRule = {
  name: "product",
  match(tensor) {
    if (!isMadeBy(tensor, matmul)) return undefined;
    const [x, weight] = operandsOf(tensor) as [Tensor, Tensor];
    const { isTransposed } = attrsOf<MatmulAttrs>(tensor);
    if (!isTransposed || !isWeight(weight, 2)) return undefined;
    const use = { x, weights: [weight], norm: [], biases: [] };
    const none = { gain: undefined, residual: undefined };
    const made = joined({ ...use, ...none }, { weights: 1 });
    return new Map([[tensor, made]]);
  },
};

/** `project + bias`. */
export const biasRule: RewriteRule = {
  name: "bias",
  match(tensor, uses) {
    if (!isMadeBy(tensor, add)) return undefined;
    for (const [value, bias] of pairsOf(tensor)) {
      const use = asProject(value);
      if (!use || uses.count(value) > 1 || !isBare(use)) continue;
      if (use.attrs.hasBias || use.attrs.weights > 1) continue;
      if (!isWeight(bias, 1) || bias.shape[0] !== value.shape.at(-1)) continue;
      const attrs = { ...use.attrs, hasBias: true };
      return new Map([[tensor, joined({ ...use, biases: [bias] }, attrs)]]);
    }
    return undefined;
  },
};

/** `activation(project)`, for elementwise ops with a formula. */
export const activationRule: RewriteRule = {
  name: "activation",
  match(tensor, uses) {
    const op = opOf(tensor);
    if (op?.element === undefined) return undefined;
    const [value] = operandsOf(tensor) as [Tensor];
    const use = asProject(value);
    if (!use || uses.count(value) > 1 || !isBare(use)) return undefined;
    if (use.attrs.weights > 1) return undefined;
    const activation = { op, attrs: attrsOf<object>(tensor) };
    return new Map([[tensor, joined(use, { ...use.attrs, activation })]]);
  },
};

/** `activated project · project` of the same rows. */
export const gateRule: RewriteRule = {
  name: "gate",
  match(tensor, uses) {
    if (!isMadeBy(tensor, mul)) return undefined;
    for (const [first, second] of pairsOf(tensor)) {
      const open = asProject(first), factor = asProject(second);
      if (!open || !factor || !isBare(factor)) continue;
      if (uses.count(first) > 1 || uses.count(second) > 1) continue;
      if (!canJoin(open, factor) || open.attrs.join === "gate") continue;
      if (!isSameShape(first.shape, second.shape)) continue;
      if (open.gain || open.residual) continue;
      const attrs = { ...open.attrs, weights: 2, join: "gate" as const };
      const weights = [...open.weights, ...factor.weights];
      const biases = [...open.biases, ...factor.biases];
      return new Map([[tensor, joined({ ...open, weights, biases }, attrs)]]);
    }
    return undefined;
  },
};

/** `project(norm(x))`, where nothing else reads the norm. */
export const normRule: RewriteRule = {
  name: "norm",
  match(tensor, uses) {
    const use = asProject(tensor);
    if (!use || use.attrs.norm || uses.count(use.x) > 1) return undefined;
    const kind = isMadeBy(use.x, rmsNorm)
      ? "rms"
      : isMadeBy(use.x, layerNorm)
      ? "layer"
      : undefined;
    if (kind === undefined) return undefined;
    const [x, ...norm] = operandsOf(use.x) as [Tensor, ...Tensor[]];
    const { eps } = attrsOf<{ readonly eps: number }>(use.x);
    const operands = norm.length as 0 | 1 | 2;
    const attrs = { ...use.attrs, norm: { kind, eps, operands } as const };
    return new Map([[tensor, joined({ ...use, x, norm }, attrs)]]);
  },
};

/** `project · gain`, the gain being a weight or an elementwise op of one. */
export const gainRule: RewriteRule = {
  name: "gain",
  match(tensor, uses) {
    if (!isMadeBy(tensor, mul)) return undefined;
    for (const [value, factor] of pairsOf(tensor)) {
      const use = asProject(value);
      if (!use || uses.count(value) > 1 || use.gain || use.residual) continue;
      if (use.attrs.weights > 1 && use.attrs.join !== "gate") continue;
      const op = opOf(factor);
      const gain = op?.element ? operandsOf(factor)[0]! : factor;
      const isColumn = sizeOf(gain.shape) === value.shape.at(-1) &&
        gain.shape.at(-1) === value.shape.at(-1);
      if (gain.source.kind !== "weight") continue;
      if (sizeOf(gain.shape) !== 1 && !isColumn) continue;
      const activation = op?.element && { op, attrs: attrsOf<object>(factor) };
      const attrs = { ...use.attrs, gain: activation ? { activation } : {} };
      return new Map([[tensor, joined({ ...use, gain }, attrs)]]);
    }
    return undefined;
  },
};

/** `x + project`. */
export const residualRule: RewriteRule = {
  name: "residual",
  match(tensor, uses) {
    if (!isMadeBy(tensor, add)) return undefined;
    for (const [value, residual] of pairsOf(tensor)) {
      const use = asProject(value);
      if (!use || uses.count(value) > 1 || use.residual) continue;
      if (!isSameShape(value.shape, residual.shape)) continue;
      const attrs = { ...use.attrs, hasResidual: true };
      return new Map([[tensor, joined({ ...use, residual }, attrs)]]);
    }
    return undefined;
  },
};

/** Whether two uses of one weight read the same rows in the same way. */
export function canJoin(a: ProjectUse, b: ProjectUse): boolean {
  return a.x === b.x && !a.attrs.norm && !b.attrs.norm &&
    a.attrs.weights === 1 && b.attrs.weights === 1 &&
    Boolean(a.attrs.hasBias) === Boolean(b.attrs.hasBias);
}

/** Both operands in both orders. */
function pairsOf(tensor: Tensor): readonly (readonly [Tensor, Tensor])[] {
  const [a, b] = operandsOf(tensor) as [Tensor, Tensor];
  return [[a, b], [b, a]];
}
