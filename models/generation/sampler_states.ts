/**
 * The states that sampling keeps on the device beside the model's own, and the
 * end of every program that draws.
 *
 * @module
 */

import type { ProgramBuilder, Value } from "../../core/program.ts";
import type { Template } from "../../core/template.ts";
import type { TensorType } from "../../core/tensor.ts";
import { controlWidth } from "../../ops/control_row.ts";
import { sample } from "../../ops/sample.ts";
import { TOPS_WIDTH } from "../../ops/top_entries.ts";
import { topTokens } from "../../ops/top_tokens.ts";

/**
 * What rows ask of sampling beside the control row. Programs for rows that ask
 * for nothing have no trace of it.
 */
export interface SamplerExtras {
  /** Words that the adjustments of all rows may take. */
  readonly adjustmentWords: number;
}

/** Name of the state that holds the rows' adjustments. */
export const ADJUSTMENTS = "adjustments";

/** Name of the control state that programs of so many rows share. */
export function controlName(rows: number): string {
  return `control${rows}`;
}

/** Name of the state of likeliest tokens, for so many rows. */
export function topsName(rows: number): string {
  return `tops${rows}`;
}

/** The control rows of a program. */
export function declareControl(
  builder: ProgramBuilder,
  vocabulary: number,
  rows: number,
): Value {
  const shape = [rows, controlWidth(vocabulary)];
  return builder.state(controlName(rows), { dtype: "u32", shape });
}

/** Draws a token in each row from `logits` [b, v]. */
export function addDraw(
  builder: ProgramBuilder,
  control: Value,
  logits: Value,
  extras: SamplerExtras | undefined,
): void {
  if (extras === undefined) {
    builder.call(SAMPLE, "", { control, logits });
    return;
  }
  const [rows] = control.type.shape as [number, number];
  const states: Record<string, TensorType> = {
    [ADJUSTMENTS]: { dtype: "u32", shape: [extras.adjustmentWords] },
    [topsName(rows)]: { dtype: "u32", shape: [rows, TOPS_WIDTH] },
  };
  const [adjustments, tops] = Object.entries(states)
    .map(([name, type]) => builder.state(name, type)) as [Value, Value];
  builder.call(NOTE_TOP, "", { tops, control, logits });
  builder.call(SAMPLE_ADJUSTED, "", { control, logits, adjustments });
}

const SAMPLE: Template = {
  name: "generation/sample",
  build: (_, { control, logits }) => ({ control: sample(control!, logits!) }),
};

const SAMPLE_ADJUSTED: Template = {
  name: "generation/sample_adjusted",
  build: (_, { control, logits, adjustments }) => ({
    control: sample(control!, logits!, adjustments!),
  }),
};

const NOTE_TOP: Template = {
  name: "generation/note_top",
  build: (_, { tops, control, logits }) => ({
    tops: topTokens(tops!, control!, logits!),
  }),
};
