/**
 * A stranger's plugin for tests: a vision encoder of one linear layer over
 * patches, and a tokenizer with a token for each printable character. It knows
 * the library by its front door only.
 *
 * @module
 */

import {
  CONTRACT,
  definePart,
  definePlugin,
  integer,
  layers,
  objectOf,
  ops,
  type Part,
  type Plugin,
  type Tokenizer,
} from "../../mod.ts";

/** Marks before the characters, by id. */
const MARKS = ["<s>", "<image>", "<eoc>"] as const;
/** First printable character, and how many have a token. */
const FIRST = 32, LETTERS = 92;

/** Brings `test/patches` and `test/letters`. */
export function tinyPlugin(): Plugin {
  return definePlugin({
    name: "test",
    version: "1.0.0",
    contract: CONTRACT,
    parts: [patches(), letters()],
  });
}

function patches(): Part<"vision"> {
  const sizes = { px: integer(), patchPx: integer(), width: integer() };
  return definePart({
    slot: "vision",
    name: "test/patches",
    schema: objectOf(sizes),
    build({ px, patchPx: p, width }) {
      const side = Math.floor(px / p);
      return {
        px,
        positions: side * side,
        width,
        encode: {
          name: "test/patches",
          build(scope, { pixels }) {
            const b = pixels!.shape[0]!;
            const grid = ops.reshape(pixels!, { shape: [b * 3, side, p, px] });
            const cut = ops.reshape(grid, { shape: [b, 3, side, p, side, p] });
            const permutation = [0, 2, 4, 1, 3, 5];
            const moved = ops.transpose(cut, { permutation });
            const shape = [b, side * side, 3 * p * p];
            const flat = ops.reshape(moved, { shape }); // [b, n, 3·p·p]
            const options = { outputs: width, hasBias: true };
            return { features: layers.linear(scope.at("proj"), flat, options) };
          },
        },
      };
    },
  });
}

function letters(): Part<"tokenizer"> {
  const tokens = [
    ...MARKS,
    ...Array.from(
      { length: LETTERS },
      (_, i) => String.fromCharCode(FIRST + i),
    ),
  ];
  const ids = new Map<string, number>(tokens.map((token, id) => [token, id]));
  const textOf = (id: number): string => tokens[id] ?? "";
  return definePart({
    slot: "tokenizer",
    name: "test/letters",
    schema: objectOf({}),
    build: (): Tokenizer => ({
      vocabularySize: tokens.length,
      bos: 0,
      eos: undefined,
      encode: (text) => [...text].map((letter) => ids.get(letter) ?? 3),
      decode: (all) => all.map(textOf).join(""),
      idOf: (token) => ids.get(token),
      tokenOf: (id) => tokens[id],
      streamDecoder: () => ({ push: textOf, end: () => "" }),
    }),
  });
}
