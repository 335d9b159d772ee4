/**
 * Decoders of tokenizer.json files: from tokens back to text.
 *
 * @module
 */

import { asObject, type JsonObject } from "../json_file.ts";
import { textAsBytes } from "./byte_alphabet.ts";
import { listOf } from "./normalizer.ts";
import { patternOf } from "./pattern.ts";

/** Tokens to parts of the text. */
export type DecodeTokens = (tokens: readonly string[]) => readonly string[];

/**
 * The decoder that a tokenizer.json describes; spaces between tokens where
 * there is none.
 *
 * @throws {Error} for a kind that is not known
 */
export function createTokenDecoder(value: unknown): DecodeTokens {
  const node = asObject(value);
  if (node === undefined) return (tokens) => [tokens.join(" ")];
  switch (node["type"]) {
    case "Sequence": {
      const parts = listOf(node, "decoders").map(createTokenDecoder);
      return (tokens) => parts.reduce((made, part) => part(made), tokens);
    }
    case "ByteLevel":
      return byteLevel();
    case "ByteFallback":
      return byteFallback();
    case "Fuse":
      return (tokens) => [tokens.join("")];
    case "Replace": {
      const pattern = patternOf(node["pattern"]);
      const content = String(node["content"] ?? "");
      return (tokens) => tokens.map((t) => t.replace(pattern, () => content));
    }
    case "Strip":
      return stripper(node);
    case "Metaspace":
      return metaspace(node);
    case "WordPiece":
      return wordPiece(node);
    case "BPEDecoder": {
      const suffix = String(node["suffix"] ?? "</w>");
      return (tokens) =>
        tokens.map((token, i) =>
          token.replaceAll(suffix, i === tokens.length - 1 ? "" : " ")
        );
    }
    default:
      throw new Error(
        `its decoder ${JSON.stringify(node["type"])} is not known`,
      );
  }
}

/** A byte order mark is a character like any other. */
function utf8(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

function byteLevel(): DecodeTokens {
  const bytesOf = textAsBytes();
  const decoder = utf8();
  return (tokens) => {
    const bytes = tokens.flatMap((token) => [...bytesOf(token)]);
    return [decoder.decode(Uint8Array.from(bytes))];
  };
}

/**
 * Runs of tokens such as `<0x0A>` to the text of their bytes. What is no UTF-8
 * becomes one replacement character for each faulty stretch, as elsewhere, so
 * that text which was given out stays as it is when more bytes come.
 */
function byteFallback(): DecodeTokens {
  const decoder = utf8();
  return (tokens) => {
    const out: string[] = [];
    let bytes: number[] = [];
    const flush = () => {
      if (bytes.length > 0) out.push(decoder.decode(Uint8Array.from(bytes)));
      bytes = [];
    };
    for (const token of tokens) {
      const [, hex] = /^<0x([0-9A-Fa-f]{2})>$/.exec(token) ?? [];
      if (hex !== undefined) {
        bytes.push(parseInt(hex, 16));
        continue;
      }
      flush();
      out.push(token);
    }
    flush();
    return out;
  };
}

/** Takes a character off both ends of each token, up to some times. */
function stripper(node: JsonObject): DecodeTokens {
  const content = String(node["content"] ?? " ");
  const start = Number(node["start"] ?? 0), stop = Number(node["stop"] ?? 0);
  return (tokens) =>
    tokens.map((token) => {
      let from = 0, to = token.length;
      while (from < start && token[from] === content) from++;
      while (
        token.length - to < stop && to > from && token[to - 1] === content
      ) {
        to--;
      }
      return token.slice(from, to);
    });
}

function metaspace(node: JsonObject): DecodeTokens {
  const mark = String(node["replacement"] ?? "▁");
  const isPrefixed = node["add_prefix_space"] !== false &&
    node["prepend_scheme"] !== "never";
  return (tokens) =>
    tokens.map((token, i) =>
      token.replaceAll(mark, i === 0 && isPrefixed ? "" : " ")
    );
}

function wordPiece(node: JsonObject): DecodeTokens {
  const prefix = String(node["prefix"] ?? "##");
  const isCleaned = node["cleanup"] !== false;
  return (tokens) =>
    tokens.map((token, i) => {
      const joined = i === 0
        ? token
        : token.startsWith(prefix)
        ? token.slice(prefix.length)
        : ` ${token}`;
      return isCleaned ? cleaned(joined) : joined;
    });
}

/** English without the spaces that cutting put before its signs. */
function cleaned(text: string): string {
  return text.replace(/ ([.?!,])/g, "$1")
    .replaceAll(" ' ", "'")
    .replaceAll(" do not", " don't")
    .replace(/ (n't|'m|'s|'ve|'re)/g, "$1");
}
