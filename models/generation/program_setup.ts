/**
 * What the engine's programs have in common.
 *
 * @module
 */

import { ProgramBuilder, type Value } from "../../core/program.ts";
import type { Template } from "../../core/template.ts";
import { cast } from "../../ops/cast.ts";
import { FUSIONS } from "../../ops/fusion/fusions.ts";
import type { Activations, PoolSizes } from "./pool_sizes.ts";
import type { ModelStack } from "./stack.ts";

/** Options shared by all program builders. */
export interface ProgramSetup {
  /** The model. */
  readonly stack: ModelStack;
  /** The pools. */
  readonly sizes: PoolSizes;
  /** Taps, see `ProgramOptions`. */
  readonly taps?: readonly string[];
  /** Whether gated blocks are left out, which is what gates at 0 give. */
  readonly isClosed?: boolean;
}

/** How a program differs from those that generate. */
export type ProgramView = Pick<ProgramSetup, "taps" | "isClosed">;

/** What tells programs of a view from others of the same kind. */
export function viewName({ taps, isClosed }: ProgramView): string {
  return (isClosed ? " closed" : "") + (taps ? ` taps ${taps.join(" ")}` : "");
}

/** A builder with the taps that are wanted. */
export function newBuilder(
  { taps }: ProgramSetup,
  name: string,
): ProgramBuilder {
  const options = taps === undefined ? {} : { taps };
  return new ProgramBuilder(name, { rewrites: FUSIONS, ...options });
}

const CASTS: Readonly<Record<Activations, Template>> = {
  f32: castTemplate("f32"),
  f16: castTemplate("f16"),
};

function castTemplate(dtype: Activations): Template {
  return {
    name: `generation/cast_${dtype}`,
    build: (_, { x }) => ({ x: cast(x!, { dtype }) }),
  };
}

/** A value as another number type; itself where it is of that type. */
export function castTo(
  builder: ProgramBuilder,
  x: Value,
  dtype: Activations,
): Value {
  return x.type.dtype === dtype ? x : builder.call(CASTS[dtype], "", { x }).x!;
}
