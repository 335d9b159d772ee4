/**
 * Which operand of `project` is what. Not an op.
 *
 * @module
 */

/** The part of the attributes that decides it, see `ProjectAttrs`. */
export interface RoleAttrs {
  /** Weights. */
  readonly weights: number;
  /** Norm. */
  readonly norm?: { readonly operands: number };
  /** Whether weights have biases. */
  readonly hasBias?: boolean;
  /** Gain. */
  readonly gain?: object;
  /** Whether there is a residual. */
  readonly hasResidual?: boolean;
}

/** Operands by role; operand 0 is x. */
export interface ProjectRoles {
  /** Weights, in order. */
  readonly weights: readonly number[];
  /** Scale and bias of the norm, as far as it has them. */
  readonly norm: readonly number[];
  /** Biases, one for each weight, or none. */
  readonly biases: readonly number[];
  /** Factor of the result. */
  readonly gain: number | undefined;
  /** What is added to the result. */
  readonly residual: number | undefined;
  /** Operands in all. */
  readonly count: number;
}

/** Roles of the operands. */
export function rolesOf(attrs: RoleAttrs): ProjectRoles {
  let next = 1;
  const take = (count: number): number[] =>
    Array.from({ length: count }, () => next++);
  const weights = take(attrs.weights);
  const norm = take(attrs.norm?.operands ?? 0);
  const biases = take(attrs.hasBias ? attrs.weights : 0);
  const [gain] = take(attrs.gain ? 1 : 0);
  const [residual] = take(attrs.hasResidual ? 1 : 0);
  return { weights, norm, biases, gain, residual, count: next };
}
