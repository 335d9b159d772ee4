/**
 * Rotary frequencies that are scaled for longer sequences: fixed ones, by the
 * formulas of Hugging Face transformers 5 (`modeling_rope_utils.py`).
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** Kinds of scaling. `factors` divides each frequency by one of its own. */
export const ROPE_SCALINGS = [
  "none",
  "linear",
  "dynamic",
  "llama3",
  "yarn",
  "longrope",
  "factors",
] as const;

/** How rotary frequencies are scaled; each kind has numbers of its own. */
export interface RopeScaling {
  /**
   * `dynamic` and `longrope` change with the length of a sequence beyond
   * `originalContext`, so they are limited to it.
   */
  readonly kind: typeof ROPE_SCALINGS[number];
  /** `linear`, `llama3`, `yarn`: what low frequencies are divided by. */
  readonly factor?: number | undefined;
  /** All but `linear` and `factors`: context before scaling, in tokens. */
  readonly originalContext?: number | undefined;
  /** `llama3`: turns in that context below which frequencies are divided. */
  readonly lowTurns?: number | undefined;
  /** `llama3`: turns in that context above which they stay. */
  readonly highTurns?: number | undefined;
  /** `yarn`: as `highTurns`; 32 by default. */
  readonly betaFast?: number | undefined;
  /** `yarn`: as `lowTurns`; 1 by default. */
  readonly betaSlow?: number | undefined;
  /** `yarn`: whether bounds are rounded to whole pairs; true by default. */
  readonly isTruncated?: boolean | undefined;
  /**
   * Times which cosines and sines are taken; by default 1 for `longrope` and
   * {@link yarnAttention} of the factor for `yarn`.
   */
  readonly attentionFactor?: number | undefined;
  /** `factors`, `longrope`: what each of the c/2 frequencies is divided by. */
  readonly factors?: readonly number[] | undefined;
}

/** What `scaledRope` scales. */
export interface RopeToScale {
  /** Base of the frequencies. */
  readonly theta: number;
  /** Elements that turn, c. */
  readonly dims: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
}

/** Frequencies for `ropeTable`. */
export interface ScaledRope {
  /** c/2 frequencies, in radians a token. */
  readonly frequencies: readonly number[];
  /** Times which cosines and sines are taken. */
  readonly scale: number;
}

/**
 * Frequencies of a kind of scaling.
 *
 * @throws {RookeryError} `config` for a kind whose numbers are missing, or a
 * context that it cannot have
 */
export function scaledRope(
  rope: RopeToScale,
  scaling: RopeScaling,
): ScaledRope {
  const { theta, dims } = rope;
  const plain = Array.from(
    { length: dims / 2 },
    (_, i) => theta ** (-2 * i / dims),
  );
  switch (scaling.kind) {
    case "none":
      return { frequencies: plain, scale: 1 };
    case "dynamic":
      checkContext(rope, scaling);
      return { frequencies: plain, scale: 1 };
    case "linear": {
      const factor = needed(scaling, "factor");
      return { frequencies: plain.map((each) => each / factor), scale: 1 };
    }
    case "llama3":
      return { frequencies: llama3(plain, scaling), scale: 1 };
    case "yarn": {
      const { factor, attentionFactor = yarnAttention(factor ?? 1) } = scaling;
      const frequencies = yarn(plain, rope, scaling);
      return { frequencies, scale: attentionFactor };
    }
    case "longrope":
      checkContext(rope, scaling);
      return {
        frequencies: divided(plain, scaling),
        scale: scaling.attentionFactor ?? 1,
      };
    case "factors":
      return { frequencies: divided(plain, scaling), scale: 1 };
  }
}

/** The attention factor that YaRN's paper gives for a factor. */
export function yarnAttention(factor: number, share: number = 1): number {
  return factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1;
}

/** Slow frequencies divided, fast ones kept, a ramp between by turns. */
function llama3(plain: readonly number[], scaling: RopeScaling): number[] {
  const factor = needed(scaling, "factor");
  const context = needed(scaling, "originalContext");
  const low = needed(scaling, "lowTurns"), high = needed(scaling, "highTurns");
  return plain.map((frequency) => {
    const turns = context * frequency / (2 * Math.PI);
    if (turns > high) return frequency;
    if (turns < low) return frequency / factor;
    const kept = (turns - low) / (high - low);
    return (1 - kept) * frequency / factor + kept * frequency;
  });
}

/** As `llama3`, with a ramp between by the index of the pair. */
function yarn(
  plain: readonly number[],
  { theta, dims }: RopeToScale,
  scaling: RopeScaling,
): number[] {
  const factor = needed(scaling, "factor");
  const context = needed(scaling, "originalContext");
  const { betaFast = 32, betaSlow = 1, isTruncated = true } = scaling;
  const pairOf = (turns: number) =>
    dims * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
  const [first, last] = [pairOf(betaFast), pairOf(betaSlow)];
  const low = Math.max(isTruncated ? Math.floor(first) : first, 0);
  const high = Math.min(isTruncated ? Math.ceil(last) : last, dims - 1);
  // A ramp of no width is a step.
  const width = high === low ? 0.001 : high - low;
  return plain.map((frequency, i) => {
    const ramp = Math.min(Math.max((i - low) / width, 0), 1);
    return frequency / factor * ramp + frequency * (1 - ramp);
  });
}

function divided(plain: readonly number[], { kind, factors }: RopeScaling) {
  if (factors?.length === plain.length) {
    return plain.map((frequency, i) => frequency / factors[i]!);
  }
  throw refusal(
    kind,
    `it has ${factors?.length ?? 0} factors: it must have one for each of ` +
      `${plain.length} pairs of a head`,
  );
}

/** Beyond it, frequencies would change under keys that are cached. */
function checkContext({ context }: RopeToScale, scaling: RopeScaling): void {
  const most = needed(scaling, "originalContext");
  if (context <= most) return;
  throw refusal(
    scaling.kind,
    `its frequencies change beyond ${most} tokens and the context is ` +
      `${context}: write a context of at most ${most} into the config`,
  );
}

function needed(
  scaling: RopeScaling,
  key: "factor" | "originalContext" | "lowTurns" | "highTurns",
): number {
  const value = scaling[key];
  if (value !== undefined && value > 0) return value;
  throw refusal(
    scaling.kind,
    `its ${key} is ${value ?? "missing"}: it must be a number above 0`,
  );
}

function refusal(kind: string, reason: string): RookeryError {
  return new RookeryError(
    "config",
    `Cannot scale rotary positions by ${kind} as ${reason}`,
    { path: "ropeScaling" },
  );
}
