/**
 * Configs that come with the library, by name.
 *
 * @module
 */

import rookerySmall from "../presets/rookery_small.json" with { type: "json" };
import flamingo3b from "../presets/flamingo_3b.json" with { type: "json" };
import flamingo9b from "../presets/flamingo_9b.json" with { type: "json" };
import flamingo9b40 from "../presets/flamingo_9b_40.json" with { type: "json" };
import flamingo80b from "../presets/flamingo_80b.json" with { type: "json" };
import openflamingo3b from "../presets/openflamingo_3b.json" with {
  type: "json",
};
import openflamingo3bInstruct from "../presets/openflamingo_3b_instruct.json" with {
  type: "json",
};
import openflamingo4b from "../presets/openflamingo_4b.json" with {
  type: "json",
};
import openflamingo4bInstruct from "../presets/openflamingo_4b_instruct.json" with {
  type: "json",
};
import openflamingo9b from "../presets/openflamingo_9b.json" with {
  type: "json",
};
import idefics9b from "../presets/idefics_9b.json" with { type: "json" };
import idefics9bInstruct from "../presets/idefics_9b_instruct.json" with {
  type: "json",
};
import idefics80b from "../presets/idefics_80b.json" with { type: "json" };
import idefics80bInstruct from "../presets/idefics_80b_instruct.json" with {
  type: "json",
};
import flamingoMini from "../presets/flamingo_mini.json" with { type: "json" };
import flamingoTiny from "../presets/flamingo_tiny.json" with { type: "json" };

/** The presets in the order of lists; the first is the default model. */
const PRESETS: Readonly<Record<string, unknown>> = Object.freeze({
  "rookery-small": rookerySmall,
  "flamingo-3b": flamingo3b,
  "flamingo-9b": flamingo9b,
  "flamingo-9b-40": flamingo9b40,
  "flamingo-80b": flamingo80b,
  "openflamingo-3b": openflamingo3b,
  "openflamingo-3b-instruct": openflamingo3bInstruct,
  "openflamingo-4b": openflamingo4b,
  "openflamingo-4b-instruct": openflamingo4bInstruct,
  "openflamingo-9b": openflamingo9b,
  "idefics-9b": idefics9b,
  "idefics-9b-instruct": idefics9bInstruct,
  "idefics-80b": idefics80b,
  "idefics-80b-instruct": idefics80bInstruct,
  "flamingo-mini": flamingoMini,
  "flamingo-tiny": flamingoTiny,
});

/** Names of the presets; the first is the default model. */
export const PRESET_NAMES: readonly string[] = Object.freeze(
  Object.keys(PRESETS),
);

/** The JSON value of a preset; undefined for an unknown name. */
export function presetJson(name: string): unknown {
  return Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
}

/** Folder that a preset's paths are relative to. */
export function presetFolder(): URL {
  return new URL("../presets/", import.meta.url);
}
