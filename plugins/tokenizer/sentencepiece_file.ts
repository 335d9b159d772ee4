/**
 * `tokenizer.model` files of sentencepiece: protocol buffers with the pieces
 * of a vocabulary and the rules of its use (`sentencepiece_model.proto`).
 *
 * @module
 */

import { cannotRead } from "../cannot_read.ts";
import { RangeFile } from "../range_file.ts";
import { fieldsOf, type ProtoField } from "./proto_fields.ts";
import { PIECE, type Piece } from "./spm_model.ts";

/** The largest known ones have some megabytes. */
const MAX_BYTES = 64 << 20;

/** `model_type` of BPE. */
const BPE = 2;

/** What a file holds. */
export interface SentencePieceFile {
  /** Its pieces, by id. */
  readonly pieces: readonly Piece[];
  /** Whether a space is put before text. */
  readonly hasPrefix: boolean;
}

/**
 * Reads a file with a BPE vocabulary and no other normalization than the
 * space before text, as LLaMA's.
 *
 * @throws {RookeryError} `file` for other kinds, and for what is no such file
 */
export async function readSentencePiece(
  path: string,
): Promise<SentencePieceFile> {
  using file = await RangeFile.open(path);
  if (file.sizeBytes > MAX_BYTES) {
    throw cannotRead(
      path,
      `it has ${file.sizeBytes} bytes: at most ${MAX_BYTES} are read`,
      { expected: MAX_BYTES, actual: file.sizeBytes },
    );
  }
  const fields = fieldsOf(path, file.read(0, file.sizeBytes));
  const pieces = fields.filter(({ number }) => number === 1)
    .map(({ bytes }) => pieceOf(path, bytes));
  if (pieces.length === 0) throw cannotRead(path, "it has no pieces");
  const trainer = insideOf(path, fields, 2);
  const normalizer = insideOf(path, fields, 3);
  const isPlain = (normalizer.get(2)?.bytes?.length ?? 0) === 0 &&
    normalizer.get(4)?.integer === 0 && !trainer.get(24)?.integer;
  if (trainer.get(3)?.integer !== BPE || !isPlain) {
    throw cannotRead(
      path,
      "it is no BPE vocabulary without a normalization of its own: save the " +
        "tokenizer as tokenizer.json, with transformers' AutoTokenizer",
    );
  }
  return { pieces, hasPrefix: normalizer.get(3)?.integer !== 0 };
}

/** The last field of each number, within a field. */
function insideOf(
  path: string,
  fields: readonly ProtoField[],
  number: number,
): Map<number, ProtoField> {
  const outer = fields.findLast((field) => field.number === number);
  const inner = outer?.bytes ? fieldsOf(path, outer.bytes) : [];
  return new Map(inner.map((field) => [field.number, field]));
}

function pieceOf(path: string, bytes: ProtoField["bytes"]): Piece {
  const fields = new Map(
    fieldsOf(path, bytes ?? new Uint8Array()).map((
      each,
    ) => [each.number, each]),
  );
  const text = fields.get(1)?.bytes;
  if (text === undefined) throw cannotRead(path, "a piece of it has no text");
  return {
    text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(text),
    score: fields.get(2)?.float ?? 0,
    kind: fields.get(3)?.integer ?? PIECE.normal,
  };
}
