/**
 * How the rotary positions of a Hugging Face `config.json` are scaled:
 * `rope_scaling` of transformers 4, `rope_parameters` of 5.
 *
 * @module
 */

import {
  type RopeScaling,
  yarnAttention,
} from "../../models/language/rope_scaling.ts";
import { quoted } from "../cannot_read.ts";
import type { ConfigJson } from "../config_json.ts";

/** Rotary positions of a `config.json`. */
export interface FolderRope {
  /** Base of the frequencies. */
  readonly theta: number;
  /** How they are scaled. */
  readonly scaling: RopeScaling;
}

/** What transformers takes where the file says nothing. */
const DEFAULT_THETA = 10_000;

/** Kinds that are fixed tables, or are so within the original context. */
const KINDS = ["default", "linear", "dynamic", "llama3", "yarn", "longrope"];

/**
 * Rotary positions as transformers 5 takes them from a `config.json`.
 *
 * @param context longest sequence that the file tells of
 * @throws {RookeryError} `config` for another kind of scaling, `file` for
 * values of the wrong kind
 */
export function ropeOfFolder(json: ConfigJson, context: number): FolderRope {
  const four = json.object("rope_scaling");
  const rope = four.isEmpty ? json.object("rope_parameters") : four;
  const kind = rope.text("rope_type", "type") ?? "default";
  if (!KINDS.includes(kind)) {
    throw json.refusal(
      `its rotary positions are scaled by ${quoted(kind)}`,
      KINDS.map((each) => quoted(each)).join(", "),
    );
  }
  for (const each of [rope, json]) each.allow("partial_rotary_factor", 1);
  const theta = rope.number("rope_theta") ?? json.number("rope_theta");
  const original = json.integer("original_max_position_embeddings") ??
    rope.integer("original_max_position_embeddings") ?? context;
  return {
    theta: theta ?? DEFAULT_THETA,
    scaling: scalingOf(kind, rope, { original, context }),
  };
}

/** Tokens before and after scaling. */
interface Contexts {
  readonly original: number;
  readonly context: number;
}

function scalingOf(
  kind: string,
  rope: ConfigJson,
  { original, context }: Contexts,
): RopeScaling {
  const factor = rope.number("factor");
  switch (kind) {
    case "linear":
      return { kind, factor };
    case "dynamic":
      return { kind, factor, originalContext: context };
    case "llama3":
      return {
        kind,
        factor,
        originalContext: original,
        lowTurns: rope.number("low_freq_factor"),
        highTurns: rope.number("high_freq_factor"),
      };
    case "yarn":
      return yarn(rope, factor ?? context / original, original);
    case "longrope":
      return longrope(rope, factor ?? context / original, original);
    default:
      return { kind: "none" };
  }
}

function yarn(
  rope: ConfigJson,
  factor: number,
  originalContext: number,
): RopeScaling {
  const share = rope.number("mscale"), all = rope.number("mscale_all_dim");
  // A share of 0 counts as none.
  const usual = share && all
    ? yarnAttention(factor, share) / yarnAttention(factor, all)
    : yarnAttention(factor);
  return {
    kind: "yarn",
    factor,
    originalContext,
    betaFast: rope.number("beta_fast") || undefined,
    betaSlow: rope.number("beta_slow") || undefined,
    isTruncated: rope.flag("truncate"),
    attentionFactor: rope.number("attention_factor") ?? usual,
  };
}

function longrope(
  rope: ConfigJson,
  factor: number,
  originalContext: number,
): RopeScaling {
  const usual = factor <= 1
    ? 1
    : Math.sqrt(1 + Math.log(factor) / Math.log(originalContext));
  return {
    kind: "longrope",
    originalContext,
    factors: rope.numbers("short_factor"),
    attentionFactor: rope.number("attention_factor") ?? usual,
  };
}
