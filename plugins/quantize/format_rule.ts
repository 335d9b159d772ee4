/**
 * Which format each tensor of a quantised model has.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { FORMAT_BLOCKS, type StoredFormat } from "../../core/stored_tensor.ts";
import {
  WEIGHT_FORMATS,
  type WeightFormat,
} from "../../core/weight_formats.ts";
import { quoted } from "../cannot_read.ts";
import { vocabularyDtype } from "../load_weights.ts";
import type { MatchedWeight } from "../match_weights.ts";
import { didYouMean } from "../nearest_name.ts";

/** What a caller wants. */
export interface FormatWishes {
  /** Format of matrices. */
  readonly to: WeightFormat;
  /**
   * Format of matrices with a row for each token: embedding and head. Default:
   * as `to`, but at least Q8_0.
   */
  readonly embedding?: WeightFormat;
  /**
   * Names of tensors that stay in the format that they have; `*` stands for any
   * characters. They are looked for in the file's names and in those of the
   * templates with their slot: `language/model.layers.0.mlp.up_proj.weight`.
   */
  readonly keep?: readonly string[];
}

/** What a file is. */
export type Container = "gguf" | "folder";

/** A format, and what a reader of the summary may not expect of it. */
export interface ChosenFormat {
  /** The format. */
  readonly format: StoredFormat | WeightFormat;
  /** Why it is not the one that was asked for. */
  readonly note?: string;
}

/** Formats of tensors that are no matrices of weights: norms, biases, tables. */
const PLAIN: readonly StoredFormat[] = ["f32", "f16", "bf16"];

/** Chooses formats; made once for a model, to see which wishes found nothing. */
export class FormatRule {
  readonly #wishes: FormatWishes;
  readonly #container: Container;
  readonly #unused: Map<string, RegExp>;
  readonly #names: string[] = [];

  /**
   * Checks the wishes.
   *
   * @throws {RookeryError} `usage` for an unknown format
   */
  constructor(wishes: FormatWishes, container: Container) {
    checkFormat("to", wishes.to);
    if (wishes.embedding) checkFormat("embedding", wishes.embedding);
    this.#wishes = wishes;
    this.#container = container;
    this.#unused = new Map(
      (wishes.keep ?? []).map((text) => [text, patternOf(text)]),
    );
  }

  /** The format of a weight that the file calls `name`. */
  choose(weight: MatchedWeight, name: string): ChosenFormat {
    const { need, stored } = weight;
    this.#names.push(name);
    if (this.#isKept([need.name, name])) {
      return { format: stored.format, note: "kept" };
    }
    if (!need.isPacked) return { format: this.#plain(stored.format) };
    const { to, embedding } = this.#wishes;
    const format = weight.isVocabulary ? vocabularyDtype(to, embedding) : to;
    const { elements } = FORMAT_BLOCKS[format];
    const columns = need.shape.at(-1)!;
    // A folder's blocks may end in zeros, as those of a device do.
    if (this.#container === "folder" || columns % elements === 0) {
      return { format };
    }
    const note = `${columns} columns are no whole blocks of ${elements}`;
    return { format: "f16", note };
  }

  /**
   * Throws when a name to keep fitted no tensor.
   *
   * @throws {RookeryError} `usage`
   */
  checkKept(): void {
    const [unused] = this.#unused.keys();
    if (unused === undefined) return;
    throw new RookeryError(
      "usage",
      `Cannot keep ${quoted(unused)} as no tensor's name fits it` +
        `${didYouMean(unused, this.#names)}: names are such as ` +
        `${this.#names[0]}, and * stands for any characters`,
      { actual: unused },
    );
  }

  #isKept(names: readonly string[]): boolean {
    const patterns = (this.#wishes.keep ?? []).filter((text) =>
      names.some((name) => patternOf(text).test(name))
    );
    for (const text of patterns) this.#unused.delete(text);
    return patterns.length > 0;
  }

  /** GGUF's readers want norms and biases in f32. */
  #plain(format: StoredFormat): StoredFormat {
    return this.#container === "folder" && PLAIN.includes(format)
      ? format
      : "f32";
  }
}

function patternOf(text: string): RegExp {
  const escaped = text.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${escaped.join(".*")}$`, "s");
}

function checkFormat(option: string, format: string): void {
  if ((WEIGHT_FORMATS as readonly string[]).includes(format)) return;
  const known = WEIGHT_FORMATS.join(", ");
  throw new RookeryError(
    "usage",
    `Cannot quantise with ${option} ${quoted(format)}` +
      `${didYouMean(format, WEIGHT_FORMATS)}: known formats are ${known}`,
    { expected: WEIGHT_FORMATS, actual: format },
  );
}
