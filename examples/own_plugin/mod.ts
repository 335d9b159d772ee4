/**
 * A vision encoder, a resampler and a tokenizer that Rookery does not have.
 *
 *     deno task rookery caption PICTURE --model examples/own_plugin/model.json \
 *       --plugin examples/own_plugin/mod.ts
 *
 * @module
 */

import { CONTRACT, definePlugin, type Plugin } from "@rookery/rookery";
import { cAbstractor } from "./c_abstractor.ts";
import { letters } from "./letters.ts";
import { mixer } from "./mixer.ts";

/** Brings `own/mixer`, `own/c_abstractor` and `own/letters`. */
export default function ownPlugin(): Plugin {
  return definePlugin({
    name: "own",
    version: "1.0.0",
    contract: CONTRACT,
    parts: [mixer(), cAbstractor(), letters()],
  });
}
