/**
 * A vision encoder for tests that hands its pixels on: [3, 8, 8] numbers are
 * read as 6 features of width 32.
 *
 * @module
 */

import { reshape } from "../../ops/reshape.ts";
import { definePart, definePlugin, type Plugin } from "../../plugins/plugin.ts";
import { objectOf } from "../../plugins/schema.ts";

/** Brings `pass_through/encoder`, as a stranger's plugin would. */
export function passThrough(): Plugin {
  return definePlugin({
    name: "pass_through",
    version: "1.0.0",
    contract: 1,
    parts: [definePart({
      slot: "vision",
      name: "pass_through/encoder",
      schema: objectOf({}),
      build: () => ({
        px: 8,
        positions: 6,
        width: 32,
        encode: {
          name: "pass_through",
          build: (_, { pixels }) => ({
            features: reshape(pixels!, { shape: [pixels!.shape[0]!, 6, 32] }),
          }),
        },
      }),
    })],
  });
}
