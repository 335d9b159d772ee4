/**
 * Configs that come with the library, by name.
 *
 * @module
 */

import rookerySmall from "../presets/rookery_small.json" with { type: "json" };

/** Names of the presets; the first is the default model. */
export const PRESET_NAMES: readonly string[] = Object.freeze(["rookery-small"]);

/** The JSON value of a preset; undefined for an unknown name. */
export function presetJson(name: string): unknown {
  return name === "rookery-small" ? rookerySmall : undefined;
}

/** Folder that a preset's paths are relative to. */
export function presetFolder(): URL {
  return new URL("../presets/", import.meta.url);
}
