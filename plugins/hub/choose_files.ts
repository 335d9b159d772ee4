/**
 * Which files of a model are brought: those that it takes to run it, in one
 * format, or those that the user names.
 *
 * @module
 */

import { matchesGlob } from "node:path";
import { RookeryError } from "../../core/errors.ts";
import { didYouMean } from "../nearest_name.ts";

/** Sizes, tokenizers and processors. */
const DESCRIPTIONS: readonly string[] = [
  "config*.json",
  "*_config.json",
  "tokenizer*",
  "vocab*",
  "merges.txt",
  "special_tokens_map.json",
  "added_tokens.json",
  "chat_template*",
  "*.tiktoken",
  "spiece.model",
  "sentencepiece*.model",
];

/** A format of weights, and its usual name without the ending. */
interface WeightFormat {
  readonly endings: readonly string[];
  readonly usual: string;
}

/** In the order they are looked for; the first that is there is brought. */
const FORMATS: readonly WeightFormat[] = [
  { endings: [".safetensors"], usual: "model" },
  { endings: [".bin"], usual: "pytorch_model" },
  { endings: [".pt", ".pth"], usual: "model" },
  { endings: [".npz"], usual: "model" },
];

/** What training leaves beside the weights. */
const LEFTOVER =
  /^(?:training_args|optimizer|scheduler|scaler|rng_state|random_states)/;

/** Files to bring. */
export interface ChosenFiles {
  /** Their paths, in the order of the list. */
  readonly paths: readonly string[];
  /** Whether weights are among them. */
  readonly hasWeights: boolean;
}

/**
 * Chooses among a model's files. Without globs: descriptions and tokenizers,
 * and weights in one format, of the outermost folder. With globs: the files
 * that fit one of them; `*` stays within a folder, `**` does not.
 *
 * @throws {RookeryError} `file` for a glob that no file fits
 */
export function chooseFiles(
  paths: readonly string[],
  globs: readonly string[],
  hub: string,
): ChosenFiles {
  const chosen = globs.length === 0
    ? new Set([...paths.filter(isDescription), ...weightsAmong(paths)])
    : new Set(globs.flatMap((glob) => fitting(paths, glob, hub)));
  const endings = [...FORMATS.flatMap((each) => each.endings), ".gguf"];
  return {
    paths: paths.filter((path) => chosen.has(path)),
    hasWeights: [...chosen].some((path) =>
      endings.some((ending) => path.endsWith(ending))
    ),
  };
}

function isDescription(path: string): boolean {
  return DESCRIPTIONS.some((glob) => matchesGlob(path, glob));
}

function weightsAmong(paths: readonly string[]): string[] {
  for (const format of FORMATS) {
    const found = weightsOf(paths, format);
    if (found.length > 0) return found;
  }
  return [];
}

/** Weights of one format: the usual set where there is one, else all. */
function weightsOf(
  paths: readonly string[],
  { endings, usual }: WeightFormat,
): string[] {
  const all = paths.filter((path) =>
    !path.includes("/") && !LEFTOVER.test(path) &&
    endings.some((ending) => path.endsWith(ending))
  );
  if (all.length === 0) return [];
  const [ending = ""] = endings;
  const index = `${usual}${ending}.index.json`;
  if (paths.includes(index)) {
    const shard = new RegExp(`^${usual}-\\d+-of-\\d+\\${ending}$`);
    return [...all.filter((path) => shard.test(path)), index];
  }
  if (all.includes(usual + ending)) return [usual + ending];
  const indexes = paths.filter((path) =>
    !path.includes("/") && path.endsWith(`${ending}.index.json`)
  );
  return [...all, ...indexes];
}

function fitting(
  paths: readonly string[],
  glob: string,
  hub: string,
): string[] {
  const wanted = glob.endsWith("/") ? `${glob}**` : glob;
  const found = paths.filter((path) =>
    path === glob || matchesGlob(path, wanted)
  );
  if (found.length > 0) return found;
  throw new RookeryError(
    "file",
    `Cannot pull "${glob}" of ${hub} as no file of it fits` +
      `${didYouMean(glob, paths)}: it has ${listed(paths)}`,
    { path: hub, expected: paths, actual: glob },
  );
}

function listed(paths: readonly string[]): string {
  const some = paths.slice(0, 20).join(", ");
  return paths.length > 20 ? `${some} and ${paths.length - 20} more` : some;
}
