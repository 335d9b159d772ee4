/**
 * The declaration of a model: which part fills each slot, with which options
 * and weights. Plain JSON; parts check their own options.
 *
 * @module
 */

import type { HubSource } from "./hub/hub_name.ts";
import type { WeightsSource } from "./weights_cache/mod.ts";

/**
 * Weights: a path relative to the config, a pinned file, or what was pulled from
 * the hub.
 */
export type WeightsEntry = string | WeightsSource | HubSource;

/** A part and its options; the part says which there are. */
export interface PartSection {
  /** Name of the part, e.g. `"perceiver"`. */
  readonly part: string;
  /** Its own weights; undefined where the bridge has them. */
  readonly weights: WeightsEntry | undefined;
  /** All other keys. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A language model's section: the part may be told by the weights. */
export interface LanguageSection extends Omit<PartSection, "part"> {
  /** Name of the part; undefined to take it from the weights' architecture. */
  readonly part: string | undefined;
}

/** The tokenizer's section; left out, it is the language model's own. */
export interface TokenizerSection extends Omit<LanguageSection, "weights"> {
  /** GGUF file or folder; undefined for the language model's own. */
  readonly from: WeightsEntry | undefined;
}

/** The trained tensors between frozen parts, in one file. */
export interface BridgeSection {
  /** Whose names the file uses: a format that a plugin brings. */
  readonly format: string;
  /** The file. */
  readonly weights: WeightsEntry;
}

/** Marks in prompts, as text or as ids. An id wins where both are given. */
export interface TokensSection {
  /** Stands where a picture is, e.g. `"<image>"`. */
  readonly image: string | undefined;
  /** Its id, where the tokenizer does not know the text. */
  readonly imageId: number | undefined;
  /** Ends a picture's text, e.g. `"<|endofchunk|>"`. */
  readonly endOfChunk: string | undefined;
  /** Its id. */
  readonly endOfChunkId: number | undefined;
  /**
   * Ids each of which begins a picture's mark where the mark is plain text of
   * several tokens; undefined where it is one token.
   */
  readonly imageStartIds: readonly number[] | undefined;
  /** Stands on both sides of pictures; neighbours share it. */
  readonly around: string | undefined;
  /** Its id. */
  readonly aroundId: number | undefined;
  /** After it a token sees no picture until the next one. */
  readonly closing: string | undefined;
  /** Its id. */
  readonly closingId: number | undefined;
  /** Put before every prompt; undefined for nothing. */
  readonly start: string | undefined;
  /** Its id. */
  readonly startId: number | undefined;
  /**
   * Put between texts that follow each other; undefined: they are one text,
   * cut into tokens as a whole.
   */
  readonly between: string | undefined;
  /** Its id. */
  readonly betweenId: number | undefined;
  /** Whether spaces around texts are dropped; by default they are not. */
  readonly trim: boolean | undefined;
}

/** Slots whose parts training may change. */
export type TrainedSlot =
  | "vision"
  | "resampler"
  | "crossAttention"
  | "language";

/** Texts around pictures. */
export interface PromptSection {
  /** Name of the style that the rest changes; default `plain`. */
  readonly style: string | undefined;
  /** Text after a picture that is captioned, with `{text}` in it. */
  readonly caption: string | undefined;
  /** Text after a question's picture, with `{question}` and `{answer}`. */
  readonly answer: string | undefined;
  /** Text before a label, with `{label}` in it; default that of `caption`. */
  readonly classify: string | undefined;
  /** Text about a picture with writing; default that of `answer`. */
  readonly memes: string | undefined;
  /** Text about the action in a video; default that of `caption`. */
  readonly actions: string | undefined;
  /** Texts of one token each that end what is generated, beside the marks. */
  readonly stop: readonly string[] | undefined;
}

/** A bare language model. */
export interface LanguageModelConfig {
  /** Tells the kinds apart. */
  readonly kind: "language";
  /** Number of this schema. */
  readonly schema: 1;
  /** Name for people. */
  readonly name: string | undefined;
  /**
   * What somebody who uses the model must know, in whole sentences; `plan`
   * shows it, and so do errors about weights that nobody has.
   */
  readonly note: string | undefined;
  /** The language model. */
  readonly language: LanguageSection;
  /** Its tokenizer. */
  readonly tokenizer: TokenizerSection;
  /** Texts around pictures. */
  readonly prompt: PromptSection;
}

/** A language model with eyes. */
export interface FlamingoModelConfig extends Omit<LanguageModelConfig, "kind"> {
  /** Tells the kinds apart. */
  readonly kind: "flamingo";
  /** Pixels to features. */
  readonly vision: PartSection;
  /** Pictures to pixels. */
  readonly image: PartSection;
  /** Features to latents. */
  readonly resampler: PartSection;
  /** Latents into the language model. */
  readonly crossAttention: PartSection;
  /** Trained tensors in one file; undefined where every part has its own. */
  readonly bridge: BridgeSection | undefined;
  /**
   * Parts that were trained for this model, while the others stayed as they
   * were; by default the resampler and gated cross-attention. `plan` counts
   * by it.
   */
  readonly trained: readonly TrainedSlot[] | undefined;
  /** Marks in prompts. */
  readonly tokens: TokensSection;
}

/** A vision encoder alone. */
export interface VisionModelConfig {
  /** Tells the kinds apart. */
  readonly kind: "vision";
  /** Number of this schema. */
  readonly schema: 1;
  /** Name for people. */
  readonly name: string | undefined;
  /** Pixels to features. */
  readonly vision: PartSection;
  /** Pictures to pixels. */
  readonly image: PartSection;
}

/** A vision encoder and a text encoder into one space, such as CLIP. */
export interface ContrastiveModelConfig
  extends Omit<VisionModelConfig, "kind"> {
  /** Tells the kinds apart. */
  readonly kind: "contrastive";
  /** Text to an embedding. */
  readonly text: PartSection;
  /** Its tokenizer. */
  readonly tokenizer: TokenizerSection;
}

/** A model that generates text. */
export type GenerativeConfig = FlamingoModelConfig | LanguageModelConfig;

/** A model as a config declares it. */
export type ModelConfig =
  | GenerativeConfig
  | VisionModelConfig
  | ContrastiveModelConfig;
