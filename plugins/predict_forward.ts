/**
 * What one forward pass of a model with streamed layers takes, before it is
 * run: bytes from sizes, time from measured rates.
 *
 * @module
 */

import type { DeviceProfile } from "../core/kernel.ts";
import { layoutNamed } from "../core/layouts/layout_named.ts";
import type { WeightNeed } from "../core/program.ts";
import { storageBytes } from "../core/webgpu/place_values.ts";
import { planProgram } from "../core/webgpu/plan_program.ts";
import { weightBytes } from "../core/webgpu/weight_memory.ts";
import { WEIGHT_PREFIX } from "../models/generation/stack.ts";
import { RookeryError } from "../core/errors.ts";
import { stackOf } from "./built_parts.ts";
import type { ForwardRates } from "./forward_rates.ts";
import {
  forwardContext,
  type ForwardProgram,
  forwardPrograms,
  type ForwardShape,
  MOST_FORWARD_TOKENS,
  type Work,
  WORK_KINDS,
  workOf,
} from "./forward_work.ts";
import { PLANNED_LAYOUTS, type PlannedDtype } from "./model_plan.ts";
import type { ModelOutline } from "./outline_model.ts";
import { partNeeds } from "./part_needs.ts";
import { plannedLayout } from "./planned_layout.ts";
import type { BridgeSlot } from "./plugin.ts";
import { blockPrefixes, weightMemory } from "./streamed_memory.ts";

/** What a prediction is for. */
export interface ForwardQuestion extends ForwardShape {
  /** Precision of matrices. */
  readonly dtype: PlannedDtype;
  /** The device; a prediction is of its limits. */
  readonly profile: DeviceProfile;
  /** Its measured rates; without them no time is told. */
  readonly rates?: ForwardRates;
}

/** Bytes of a forward pass. */
export interface ForwardBytes {
  /** Weights that stay on the device. */
  readonly resident: number;
  /** The two staging areas. */
  readonly staging: number;
  /** Keys and values of text and pictures. */
  readonly caches: number;
  /** Values of the programs. */
  readonly values: number;
  /** All that the device holds. */
  readonly total: number;
  /** Weights that come through the staging areas. */
  readonly moved: number;
}

/** A prediction. */
export interface ForwardPlan extends ForwardShape {
  /** Precision of matrices. */
  readonly dtype: PlannedDtype;
  /** Longest sequence of the engine that it is for. */
  readonly context: number;
  /** Operations, a multiply-add being two. */
  readonly flops: number;
  /** The same by kind of work. */
  readonly work: Work;
  /** Memory. */
  readonly bytes: ForwardBytes;
  /** Seconds with made-up weights; null where no rates were measured. */
  readonly seconds: number | null;
}

/**
 * Predicts a forward pass of a model with streamed layers.
 *
 * @throws {RookeryError} `usage` for a model without a language model or for
 * sizes beyond one chunk, `limit` for what the device cannot run
 */
export function predictForward(
  outline: ModelOutline,
  { tokens, pictures, dtype, profile, rates }: ForwardQuestion,
): ForwardPlan {
  checkShape(outline, tokens);
  const { parts } = outline;
  const stack = stackOf(parts);
  const shape = { tokens, pictures };
  const programs = forwardPrograms(stack, shape);
  const requests = needsOf(outline).map((need) => ({
    need,
    layout: need.isPacked ? plannedLayout(need, dtype, parts) : undefined,
  }));
  const layouts = new Map(requests.map(({ need, layout }) => [
    need.name,
    weightBytes(need, layout ?? layoutNamed("f32")),
  ]));
  const prefixes = blockPrefixes(stack);
  const { resident, staging } = weightMemory({ profile }, requests, prefixes);
  const isStreamed = (name: string) =>
    prefixes.some((prefix) => name.startsWith(prefix));
  const moved = movedBytes(
    programs,
    (name) => isStreamed(name) ? layouts.get(name)! : 0,
  );
  const { caches, values } = programMemory(programs, { profile, dtype });
  const work = workOf(programs);
  return {
    ...shape,
    dtype,
    context: forwardContext(shape),
    flops: WORK_KINDS.reduce((sum, kind) => sum + work[kind], 0),
    work,
    bytes: {
      resident,
      staging,
      caches,
      values,
      total: resident + staging + caches + values,
      moved,
    },
    seconds: rates === undefined ? null : secondsOf(work, moved, rates),
  };
}

function secondsOf(work: Work, moved: number, rates: ForwardRates): number {
  const computing = WORK_KINDS.reduce(
    (sum, kind) => sum + work[kind] / rates.flops[kind],
    0,
  );
  return computing + moved / rates.fillBytes;
}

function needsOf({ parts }: ModelOutline): WeightNeed[] {
  const slots = Object.keys(WEIGHT_PREFIX) as BridgeSlot[];
  return slots.filter((slot) => parts[slot] !== undefined)
    .flatMap((slot) => partNeeds(slot, parts));
}

function movedBytes(
  programs: readonly ForwardProgram[],
  bytesOf: (name: string) => number,
): number {
  let moved = 0;
  for (const { program, times } of programs) {
    for (const { trace, prefix } of program.segments) {
      for (const path of trace.weights.keys()) {
        moved += times * bytesOf(prefix + path);
      }
    }
  }
  return moved;
}

function programMemory(
  programs: readonly ForwardProgram[],
  { profile, dtype }: Pick<ForwardQuestion, "profile" | "dtype">,
): Pick<ForwardBytes, "caches" | "values"> {
  const layout = layoutNamed(PLANNED_LAYOUTS[dtype]);
  const states = new Map<string, number>();
  let values = 0;
  for (const { program } of programs) {
    for (const state of program.states) {
      states.set(state.name, storageBytes(state));
    }
    if (profile.kind === "cpu") continue;
    const { memory } = planProgram(program, profile, layout);
    values += Object.values(memory).reduce((a, b) => a + b, 0);
  }
  return { caches: states.values().reduce((a, b) => a + b, 0), values };
}

function checkShape({ name, parts }: ModelOutline, tokens: number): void {
  if (!parts.language) {
    throw new RookeryError(
      "usage",
      `Cannot predict a forward pass of ${name} as it has no language model: ` +
        "leave the prediction out, or name a model that reads text",
      { path: name },
    );
  }
  if (tokens >= 1 && tokens <= MOST_FORWARD_TOKENS) return;
  throw new RookeryError(
    "usage",
    `Cannot predict a forward pass of ${tokens} tokens as one chunk with ` +
      `logits has 1 to ${MOST_FORWARD_TOKENS}: ask for fewer`,
    { expected: MOST_FORWARD_TOKENS, actual: tokens },
  );
}
