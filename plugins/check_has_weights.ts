/**
 * Refuses a model that nobody has weights for, before all of its tensors are
 * listed as missing.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { ModelConfig, WeightsEntry } from "./config.ts";
import type { InitialWeight } from "./match_weights.ts";
import type { SlotTensors } from "./opened_bridge.ts";
import type { LocatedConfig } from "./read_config.ts";

/** Weights that do not come from a config. */
export interface OwnWeights {
  /** Tensors handed in by the program. */
  readonly given: SlotTensors;
  /** Makes weights that are nowhere else. */
  readonly initial: InitialWeight | undefined;
}

/**
 * Throws when neither the config nor the program names any weights.
 *
 * @throws {RookeryError} `weights`, with the config's note
 */
export function checkHasWeights(
  { config, path }: LocatedConfig,
  { given, initial }: OwnWeights,
): void {
  const entries = entriesOf(config);
  const isGiven = Object.values(given).some((tensors) => tensors.size > 0);
  if (initial || isGiven || entries.some((entry) => entry !== undefined)) {
    return;
  }
  const note = "note" in config && config.note ? ` ${config.note}` : "";
  throw new RookeryError(
    "weights",
    `Cannot assemble ${path} as its config names no weights.${note} Name ` +
      "weights in a config of your own, hand tensors in as `weights`, or make " +
      "them with `initial`; the command plan counts the model without any",
    { path },
  );
}

function entriesOf(config: ModelConfig): (WeightsEntry | undefined)[] {
  switch (config.kind) {
    case "vision":
      return [config.vision.weights];
    case "contrastive":
      return [config.vision.weights, config.text.weights];
    case "language":
      return [config.language.weights];
    case "flamingo":
      return [
        config.language.weights,
        config.vision.weights,
        config.resampler.weights,
        config.crossAttention.weights,
        config.bridge?.weights,
      ];
  }
}
