/**
 * EfficientNet-Lite0 as a plugin.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import {
  efficientNetLite0,
  efficientNetNormChannels,
} from "../../models/vision/efficientnet_lite.ts";
import type { VisionEncoder } from "../../models/slots.ts";
import { computedTensor } from "../computed_tensor.ts";
import { definePart, definePlugin, type Part, type Plugin } from "../plugin.ts";
import {
  integer,
  number,
  objectOf,
  oneOf,
  optional,
  orElse,
} from "../schema.ts";
import { listOf, type Schema, text } from "../schema.ts";
import { efficientNetWeights } from "./efficientnet_weights.ts";

/** Brings `efficientnet_lite/encoder`. */
export function efficientNetLitePlugin(): Plugin {
  return definePlugin({
    name: "efficientnet_lite",
    version: "0.1.0",
    contract: 1,
    parts: [encoder()],
  });
}

/** Where a mean or deviation is: in the config, or in the bridge's file. */
type Statistic = "bridge" | readonly number[] | undefined;

/** Its section of a config. */
interface Section {
  readonly px: number;
  readonly levels: readonly string[];
  readonly mean: Statistic;
  readonly std: Statistic;
  readonly clip: number | undefined;
}

function encoder(): Part<"vision"> {
  const fields = {
    px: orElse(integer(32), 224),
    levels: orElse(listOf(text()), ["head"]),
    join: orElse(oneOf("channels"), "channels"),
    mean: statistic(),
    std: statistic(),
    clip: optional(number(0)),
  };
  return definePart({
    slot: "vision",
    name: "efficientnet_lite/encoder",
    schema: objectOf(fields),
    build: encoderOf,
    weights({ tensors }, { mean, std }) {
      const made = new Map(efficientNetWeights(tensors));
      addStatistic(made, "mean", mean);
      addStatistic(made, "std", std);
      return made;
    },
    // Gains of norms are in the convolutions' weights once these are read, and
    // statistics of features are measured, not learnt.
    parameters(config, _context, counted) {
      const { width } = encoderOf(config);
      const statistics = config.mean === undefined ? 0 : 2 * width;
      return counted + efficientNetNormChannels() - statistics;
    },
  });
}

function encoderOf(
  { px, levels, mean, std, clip }: Section,
): VisionEncoder {
  const isNormalised = mean !== undefined;
  if (isNormalised !== (std !== undefined)) {
    throw new RookeryError(
      "config",
      "Cannot normalise features by one of vision.mean and vision.std: " +
        "give both or none",
      { path: "vision.mean" },
    );
  }
  // Without a limit a feature may be as large as f32 allows.
  const limit = clip ?? 3e38;
  return efficientNetLite0({ px, levels, isNormalised, clip: limit });
}

function statistic(): Schema<Statistic> {
  const inFile = oneOf("bridge"), inline = listOf(number());
  return optional({
    isOptional: false,
    check: (value, path, misfits) =>
      Array.isArray(value)
        ? inline.check(value, path, misfits)
        : inFile.check(value, path, misfits),
  });
}

function addStatistic(
  tensors: Map<string, StoredTensor>,
  name: string,
  values: Statistic,
): void {
  if (values === undefined || values === "bridge") return;
  const tensor = computedTensor(
    `vision.${name}`,
    [values.length],
    () => Float32Array.from(values),
  );
  tensors.set(name, tensor);
}
