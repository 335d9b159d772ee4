/**
 * What rewrite rules ask of values. Not an op.
 *
 * @module
 */

import { operandsOf } from "../../core/graph.ts";
import { opOf } from "../../core/op.ts";
import type { Tensor } from "../../core/tensor.ts";
import { project, type ProjectAttrs } from "../project.ts";
import { rolesOf } from "../project/roles.ts";

/** Attributes of a value's op; only for computed values. */
export function attrsOf<Attrs>(tensor: Tensor): Attrs {
  return (tensor.source as { attrs: Attrs }).attrs;
}

/** Whether an op computes a value. */
export function isMadeBy(tensor: Tensor, op: unknown): boolean {
  return opOf(tensor) === op;
}

/** Whether a value is a weight with so many axes. */
export function isWeight(tensor: Tensor | undefined, axes: number): boolean {
  return tensor?.source.kind === "weight" && tensor.shape.length === axes;
}

/** A use of `project`, taken apart. */
export interface ProjectUse {
  /** Its attributes. */
  readonly attrs: ProjectAttrs;
  /** Its rows. */
  readonly x: Tensor;
  /** Its weights. */
  readonly weights: readonly Tensor[];
  /** Scale and bias of its norm. */
  readonly norm: readonly Tensor[];
  /** Its biases. */
  readonly biases: readonly Tensor[];
  /** Its factor. */
  readonly gain: Tensor | undefined;
  /** What is added to it. */
  readonly residual: Tensor | undefined;
}

/** A value as a use of `project`, if it is one. */
export function asProject(tensor: Tensor): ProjectUse | undefined {
  if (!isMadeBy(tensor, project)) return undefined;
  const attrs = attrsOf<ProjectAttrs>(tensor);
  const operands = operandsOf(tensor), roles = rolesOf(attrs);
  const pick = (list: readonly number[]): Tensor[] =>
    list.map((i) => operands[i]!);
  return {
    attrs,
    x: operands[0]!,
    weights: pick(roles.weights),
    norm: pick(roles.norm),
    biases: pick(roles.biases),
    gain: operands[roles.gain ?? Infinity],
    residual: operands[roles.residual ?? Infinity],
  };
}

/** Whether nothing was added to the plain products and biases yet. */
export function isBare({ attrs, gain, residual }: ProjectUse): boolean {
  return attrs.activation === undefined && attrs.join !== "gate" && !gain &&
    !residual;
}

/** A value of `project` from its parts. */
export function joined(
  use: Omit<ProjectUse, "attrs">,
  attrs: ProjectAttrs,
): Tensor {
  const { x, weights, norm, biases, gain, residual } = use;
  const last = [gain, residual].filter((operand) => operand !== undefined);
  return project(x, ...weights, ...norm, ...biases, ...last, attrs);
}
