/**
 * Text to token ids and back.
 *
 * @module
 */

/** Options of `Tokenizer.encode`. */
export interface EncodeOptions {
  /** Whether tokens such as `<|im_start|>` in the text become their one id. */
  readonly special?: boolean;
}

/** Options of `Tokenizer.decode` and `Tokenizer.streamDecoder`. */
export interface DecodeOptions {
  /** Whether special tokens are left out of the text. */
  readonly skipSpecial?: boolean;
}

/** Turns ids into text one by one, as a model makes them. */
export interface StreamDecoder {
  /** Takes an id; gives the text that is complete now, possibly none. */
  push(id: number): string;
  /** Gives what was held back: bytes of a character that never ended. */
  end(): string;
}

/** A vocabulary with the rules that cut text into its tokens. */
export interface Tokenizer {
  /** Number of ids; all are below it. */
  readonly vocabSize: number;
  /** Id that begins a text, where the model has one. */
  readonly bos?: number;
  /** Id that ends a text, where the model has one. */
  readonly eos?: number;
  /**
   * Ids of a text. Nothing is added to it, and special tokens written in it
   * are plain text unless `special` is set.
   */
  encode(text: string, options?: EncodeOptions): number[];
  /** Text of ids; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: readonly number[], options?: DecodeOptions): string;
  /** Id of a token as the vocabulary spells it. */
  idOf(token: string): number | undefined;
  /** The vocabulary's spelling of an id. */
  tokenOf(id: number): string | undefined;
  /** A new decoder for one stream of ids. */
  streamDecoder(options?: DecodeOptions): StreamDecoder;
}
