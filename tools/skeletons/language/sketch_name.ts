/**
 * A language model: attention and a feed-forward layer in each of its layers,
 * positions by rotation. Replace the bodies of the templates by your network.
 *
 * @module
 */

import {
  constant,
  definePart,
  integer,
  type LanguageModel,
  layers as compose,
  objectOf,
  ops,
  orElse,
  type Part,
  type Template,
  type Tensor,
} from "@rookery/rookery";

/** Sizes that a config may give. */
export interface SketchNameConfig {
  /** Layers. */
  readonly layers: number;
  /** Width of the residual stream; twice `heads` divides it. */
  readonly width: number;
  /** Heads. */
  readonly heads: number;
  /** Rows of the embedding, which is the head too. */
  readonly vocabulary: number;
  /** Longest sequence, in tokens. */
  readonly context: number;
}

/** Sizes where a config gives none. */
export const USUAL: SketchNameConfig = {
  layers: 2,
  width: 24,
  heads: 2,
  vocabulary: 96,
  context: 128,
};

const EMBEDDING = "embed.weight", NORM_EPS = 1e-5;

/** The part `sketch_name/decoder`. */
export function sketchName(): Part<"language"> {
  return definePart({
    slot: "language",
    name: "sketch_name/decoder",
    modelTypes: ["sketch_name"], // as `model_type` of a folder names it
    schema: objectOf({
      layers: orElse(integer(), USUAL.layers),
      width: orElse(integer(), USUAL.width),
      heads: orElse(integer(), USUAL.heads),
      vocabulary: orElse(integer(), USUAL.vocabulary),
      context: orElse(integer(), USUAL.context),
    }),
    build: (config) => sketchNameModel(config),
    // Where a published file has other names or layouts, give `weights` too:
    // it returns the file's tensors under the names that templates ask for.
  });
}

/** The model of some sizes. */
export function sketchNameModel(config: SketchNameConfig): LanguageModel {
  const { layers, width, heads, vocabulary, context } = config;
  const block = blockOf(config);
  return {
    width,
    vocabulary,
    context,
    cache: { heads, headDim: width / heads },
    embed: { template: embedOf(config), prefix: "" },
    blocks: Array.from({ length: layers }, (_, i) => ({
      template: block, // one graph for all layers, each with its own weights
      prefix: `layers.${i}.`,
    })),
    head: { template: headOf(config), prefix: "" },
  };
}

function embedOf({ vocabulary, width }: SketchNameConfig): Template {
  return {
    name: "sketch_name/embed",
    build: (scope, { ids, control }) => ({
      x: ops.embedding(scope.weight(EMBEDDING, [vocabulary, width]), ids!),
      positions: ops.positions(control!, { length: ids!.shape[1]! }), // [b, l]
    }),
  };
}

function blockOf({ width, heads, context }: SketchNameConfig): Template {
  const dims = width / heads;
  const rotations = rotationsOf(dims, context);
  return {
    name: "sketch_name/block",
    build(scope, { x, positions, cache: past, control, table }) {
      const h = compose.norm(scope.at("attention_norm"), x!, NORM_EPS);
      const project = (name: string): Tensor =>
        compose.splitHeads(
          compose.linear(scope.at(name), h, { outputs: width }),
          heads,
        ); // [b, l, h, k]
      const q = ops.rope(project("query"), positions!, rotations);
      const k = ops.rope(project("key"), positions!, rotations);
      const cache = ops.kvWrite(past!, k, project("value"), control!, table!);
      const scale = 1 / Math.sqrt(dims);
      const read = ops.pagedAttention(q, cache, control!, table!, { scale });
      const joined = compose.joinHeads(read);
      const out = compose.linear(scope.at("out"), joined, { outputs: width });
      const seen = ops.add(x!, out);
      const rest = compose.norm(scope.at("ffn_norm"), seen, NORM_EPS);
      const up = compose.linear(scope.at("up"), rest, { outputs: 4 * width });
      const bent = ops.gelu(up, { approximate: "none" });
      const down = compose.linear(scope.at("down"), bent, { outputs: width });
      return { x: ops.add(seen, down), cache };
    },
  };
}

/** Cosines and sines of all positions. */
function rotationsOf(dims: number, length: number): Tensor {
  const values = ops.ropeTable({ theta: 10_000, dims, length });
  return constant({ dtype: "f32", shape: [length, dims / 2, 2] }, values);
}

function headOf({ vocabulary, width }: SketchNameConfig): Template {
  return {
    name: "sketch_name/head",
    build(scope, { x }) {
      const h = compose.norm(scope.at("norm"), x!, NORM_EPS);
      const weight = scope.weight(EMBEDDING, [vocabulary, width]);
      return { logits: ops.matmul(h, weight, { isTransposed: true }) };
    },
  };
}
