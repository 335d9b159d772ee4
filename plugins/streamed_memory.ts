/**
 * What streaming a model's layers asks of a device, and the error that names
 * it where the whole model does not fit.
 *
 * @module
 */

import type { Device, WeightRequest } from "../core/device.ts";
import { RookeryError } from "../core/errors.ts";
import { layoutNamed } from "../core/layouts/layout_named.ts";
import { showBytes } from "../core/memory.ts";
import {
  areaBytes,
  denseBytes,
  weightBytes,
} from "../core/webgpu/weight_memory.ts";
import { type ModelStack, WEIGHT_PREFIX } from "../models/generation/stack.ts";
import { splitBlocks } from "./load_weights.ts";

/** Prefixes of the weights of all layers and gated blocks of a model. */
export function blockPrefixes({ language, eyes }: ModelStack): string[] {
  const gated = eyes?.crossAttention.blocks ?? [];
  return [
    ...language.blocks.map(({ prefix }) => WEIGHT_PREFIX.language + prefix),
    ...gated.map(({ prefix }) => WEIGHT_PREFIX.crossAttention + prefix),
  ];
}

/** Bytes of weights on a device. */
export interface WeightMemory {
  /** Of those that stay. */
  readonly resident: number;
  /** Of the two staging areas. */
  readonly staging: number;
  /** Of what streams through them. */
  readonly streamed: number;
}

/** What weights take on a device when those of some blocks are streamed. */
export function weightMemory(
  { profile }: Pick<Device, "profile">,
  requests: readonly Pick<WeightRequest, "need" | "layout">[],
  prefixes: readonly string[],
): WeightMemory {
  const { blocks, resident } = splitBlocks(requests, prefixes);
  // The CPU device keeps the values that packed weights stand for.
  const isCpu = profile.kind === "cpu";
  type Asked = Pick<WeightRequest, "need" | "layout">;
  const bytesOf = ({ need, layout }: Asked): number =>
    isCpu ? denseBytes(need) : weightBytes(need, layout ?? layoutNamed("f32"));
  const sum = (list: readonly Asked[]): number =>
    list.reduce((all, request) => all + bytesOf(request), 0);
  const areas = blocks.map((block) =>
    isCpu ? sum(block) : 2 * areaBytes(block, profile)
  );
  return {
    resident: sum(resident),
    staging: areas.reduce((a, b) => Math.max(a, b), 0),
    streamed: sum(blocks.flat()),
  };
}

/**
 * Refuses weights that do not fit the free part of the budget, before one is
 * read; tells whether they would fit with their layers streamed.
 *
 * @throws {RookeryError} `memory`
 */
export function checkWeightMemory(
  device: Device,
  requests: readonly WeightRequest[],
  { prefixes, isStreamed, path }: {
    readonly prefixes: readonly string[];
    readonly isStreamed: boolean;
    readonly path: string;
  },
): void {
  const { budgetBytes, heldBytes } = device.memory;
  const free = Math.max(0, budgetBytes - heldBytes);
  const memory = weightMemory(device, requests, prefixes);
  const streamed = memory.resident + memory.staging;
  const needed = isStreamed ? streamed : memory.resident + memory.streamed;
  if (needed <= free) return;
  const wayOut = !isStreamed && streamed <= free
    ? "Stream its layers (streamLayers, --stream-layers): then they need only " +
      `${showBytes(streamed)} (${streamed} bytes) beside caches and values`
    : "Raise the budget (memoryBytes, --device-memory), or use a smaller model " +
      "or dtype" +
      (isStreamed
        ? ""
        : `; with streamed layers they would need ${showBytes(streamed)}`);
  throw new RookeryError(
    "memory",
    `Cannot load ${path} as its weights take ${showBytes(needed)} of the ` +
      `device and only ${showBytes(free)} of the budget of ` +
      `${showBytes(budgetBytes)} are free. ${wayOut}`,
    { path, expected: free, actual: needed },
  );
}
