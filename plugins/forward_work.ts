/**
 * The work of one forward pass: some tokens that see some pictures. What kind
 * of work it is decides how fast a device does it.
 *
 * @module
 */

import { operandsOf } from "../core/graph.ts";
import { opOf } from "../core/op.ts";
import type { Program } from "../core/program.ts";
import { sizeOf } from "../core/shape.ts";
import type { Trace } from "../core/template.ts";
import { bucketOf, CHUNK_LENGTHS } from "../models/generation/buckets.ts";
import { pictureProgram } from "../models/generation/picture_program.ts";
import { type PoolSizes, rowSizes } from "../models/generation/pool_sizes.ts";
import { textProgram } from "../models/generation/programs.ts";
import type { ModelStack } from "../models/generation/stack.ts";
import { PAGE_SLOTS } from "../ops/cache_type.ts";

/** What is asked. */
export interface ForwardShape {
  /** Tokens in one chunk, 1 to 32; logits of all. */
  readonly tokens: number;
  /** Pictures, encoded one by one. */
  readonly pictures: number;
}

/** Most tokens of a chunk whose logits are wanted. */
export const MOST_FORWARD_TOKENS = 32;

/**
 * Kinds of work: products with few rows (the weights are what costs), with
 * many rows, convolutions of one pixel and of several.
 */
export const WORK_KINDS = ["narrow", "wide", "pointwise", "conv"] as const;

/** A kind of work. */
export type WorkKind = typeof WORK_KINDS[number];

/** Operations by kind. */
export type Work = Readonly<Record<WorkKind, number>>;

/** Products of more rows than this are wide. */
const NARROW_ROWS = 16;

/** A program and how often it runs. */
export interface ForwardProgram {
  /** The program. */
  readonly program: Program;
  /** Runs. */
  readonly times: number;
}

/** Context of an engine that is opened for one forward pass. */
export function forwardContext({ tokens, pictures }: ForwardShape): number {
  return 64 * Math.ceil(Math.max(tokens, pictures) / 64);
}

/** The programs of a forward pass, for an engine of just that context. */
export function forwardPrograms(
  stack: ModelStack,
  shape: ForwardShape,
): ForwardProgram[] {
  const context = forwardContext(shape);
  const sizes: PoolSizes = {
    pages: context / PAGE_SLOTS,
    pictures: Math.max(1, shape.pictures),
    ...rowSizes(context),
    activations: "f32",
  };
  const setup = { stack, sizes }, { eyes } = stack;
  const length = bucketOf(CHUNK_LENGTHS, shape.tokens, MOST_FORWARD_TOKENS);
  const text = { program: textProgram(setup, 1, length, "logits"), times: 1 };
  if (!eyes || shape.pictures === 0) return [text];
  const one = pictureProgram(setup, eyes, { count: 1, frames: 1 });
  return [{ program: one, times: shape.pictures }, text];
}

/** Operations of programs by kind. */
export function workOf(programs: readonly ForwardProgram[]): Work {
  const work = { narrow: 0, wide: 0, pointwise: 0, conv: 0 };
  for (const { program, times } of programs) {
    const known = new Map<Trace, Work>();
    for (const { trace } of program.segments) {
      const own = known.get(trace) ?? traceWork(trace);
      known.set(trace, own);
      for (const kind of WORK_KINDS) work[kind] += times * own[kind];
    }
  }
  return work;
}

function traceWork({ order }: Trace): Work {
  const work = { narrow: 0, wide: 0, pointwise: 0, conv: 0 };
  for (const tensor of order) {
    const op = opOf(tensor);
    if (op === undefined || tensor.source.kind !== "op") continue;
    const operands = operandsOf(tensor);
    const { flops } = op.cost(operands, tensor, tensor.source.attrs);
    if (op.name === "conv2d") {
      const [height, width] = operands[1]!.shape;
      work[height! * width! === 1 ? "pointwise" : "conv"] += flops;
    } else {
      const rows = sizeOf(tensor.shape.slice(0, -1));
      work[rows <= NARROW_ROWS ? "narrow" : "wide"] += flops;
    }
  }
  return work;
}
