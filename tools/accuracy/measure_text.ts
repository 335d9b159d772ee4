/**
 * How much a precision changes what a real language model says of real text.
 *
 * @module
 */

import { assemble, type Device, type Flamingo } from "../../mod.ts";
import { smollm2Path } from "../../tests/support/weights.ts";
import { largest, nll } from "./measure_case.ts";

/** A precision of weights and of the values between layers. */
export interface TextMode {
  /** Name in the table. */
  readonly name: string;
  /** Precision of matrices. */
  readonly dtype: "f32" | "f16" | "q8_0" | "q4_1";
  /** Precision of values between layers. */
  readonly activations: "f32" | "f16";
}

/** The first is what the others are compared with. */
export const TEXT_MODES: readonly TextMode[] = [
  { name: "f32", dtype: "f32", activations: "f32" },
  { name: "f16", dtype: "f16", activations: "f32" },
  { name: "f16, values too", dtype: "f16", activations: "f16" },
  { name: "q8_0", dtype: "q8_0", activations: "f32" },
  { name: "q4_1", dtype: "q4_1", activations: "f32" },
];

/** One row of the table. */
export interface TextAccuracy {
  /** Name of the precision. */
  readonly name: string;
  /** Tokens whose likelihood was taken. */
  readonly tokens: number;
  /** Mean negative log-likelihood, in nats a token. */
  readonly nll: number;
  /** Its change from the first row's. */
  readonly deltaNll: number;
  /** Share of positions where the likeliest next token is the first row's. */
  readonly top1: number;
}

/** Tokens that are fed together, each window with a past of its own. */
const WINDOW = 256;

/** What one precision says of the text, token by token. */
interface Told {
  readonly nll: Float64Array;
  readonly best: Int32Array;
}

/** Measures all precisions on about so many tokens. */
export async function measureText(
  device: Device,
  texts: readonly string[],
  { tokens, say }: {
    readonly tokens: number;
    readonly say: (line: string) => void;
  },
): Promise<TextAccuracy[]> {
  const rows: TextAccuracy[] = [];
  let first: Told | undefined;
  for (const { name, dtype, activations } of TEXT_MODES) {
    const engine = { activations };
    const path = await smollm2Path();
    using model = await assemble(path, { device, dtype, engine });
    const told = await tell(model, windowsOf(model, texts, tokens));
    first ??= told;
    rows.push({ name, ...compareTold(told, first) });
    say(`${name}: ${JSON.stringify(rows.at(-1))}`);
  }
  return rows;
}

function windowsOf(
  { tokenizer }: Flamingo,
  texts: readonly string[],
  tokens: number,
): number[][] {
  const share = Math.ceil(tokens / texts.length);
  return texts.flatMap((text) => {
    const ids = tokenizer.encode(text).slice(0, share);
    const count = Math.ceil(ids.length / WINDOW);
    return Array.from(
      { length: count },
      (_, i) => ids.slice(i * WINDOW, (i + 1) * WINDOW),
    );
  }).filter((window) => window.length > 1);
}

async function tell(
  { engine }: Flamingo,
  windows: readonly (readonly number[])[],
): Promise<Told> {
  const nlls: number[] = [], best: number[] = [];
  for (const tokens of windows) {
    const sequence = engine.open();
    const media = tokens.map(() => 0);
    const logits = await engine.logits(sequence, { tokens, media });
    engine.close(sequence);
    const width = logits.length / tokens.length;
    for (let i = 0; i + 1 < tokens.length; i++) {
      const own = logits.subarray(i * width, (i + 1) * width);
      nlls.push(nll(own, tokens[i + 1]!));
      best.push(largest(own));
    }
  }
  return { nll: Float64Array.from(nlls), best: Int32Array.from(best) };
}

function compareTold(told: Told, first: Told): Omit<TextAccuracy, "name"> {
  const tokens = told.nll.length;
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / tokens;
  const same = told.best.filter((token, i) => token === first.best[i]).length;
  return {
    tokens,
    nll: mean(told.nll),
    deltaNll: mean(told.nll) - mean(first.nll),
    top1: same / tokens,
  };
}
