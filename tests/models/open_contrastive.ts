/**
 * Models of CLIP's towers from files or folders, with options for each tower.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import type { Device } from "../../core/device.ts";
import type { ContrastiveModel } from "../../models/contrastive/contrastive.ts";
import type { VisionModel } from "../../models/vision/vision_model.ts";
import {
  assembleContrastive,
  assembleVision,
} from "../../plugins/assemble_encoders.ts";
import type { WeightDtypes } from "../../plugins/load_weights.ts";
import { parseConfig } from "../../plugins/parse_config.ts";

/** What is opened, and how. */
export interface ContrastiveCase {
  /** File or folder with both towers. */
  readonly weights: string;
  /** Keys of the vision section. */
  readonly vision?: Readonly<Record<string, unknown>>;
  /** Keys of the text section. */
  readonly text?: Readonly<Record<string, unknown>>;
  /** Precision of matrices; `stored` by default. */
  readonly dtype?: WeightDtypes;
}

/** A contrastive model that disposes of its device too. */
export async function openContrastive(
  { weights, vision, text, dtype = "stored" }: ContrastiveCase,
  choice: "auto" | "cpu",
): Promise<ContrastiveModel> {
  const eyes = { part: "clip/vit", weights, tokens: "all", postNorm: true };
  const config = parseConfig({
    kind: "contrastive",
    schema: 1,
    vision: { ...eyes, ...vision },
    text: { part: "clip/text", weights, ...text },
  }, weights);
  return await onDevice(
    choice,
    (device) => assembleContrastive(config, { device, dtype }),
  );
}

/** A vision model that disposes of its device too. */
export async function openVision(
  { weights, vision, dtype = "stored" }: Omit<ContrastiveCase, "text">,
  choice: "auto" | "cpu",
): Promise<VisionModel> {
  const config = parseConfig({
    kind: "vision",
    schema: 1,
    vision: { part: "clip/vit", weights, ...vision },
  }, weights);
  return await onDevice(
    choice,
    (device) => assembleVision(config, { device, dtype }),
  );
}

/** Opens a device for a model; checks that the model gives all back. */
async function onDevice<Model extends Disposable>(
  choice: "auto" | "cpu",
  open: (device: Device) => Promise<Model>,
): Promise<Model> {
  using held = new DisposableStack();
  const device = held.use(await createDevice({ device: choice }));
  const model = await open(device);
  const dispose = model[Symbol.dispose].bind(model);
  const kept = held.move();
  return Object.assign(model, {
    [Symbol.dispose]() {
      dispose();
      assert.equal(device.memory.heldBytes, 0, "all is given back");
      kept.dispose();
    },
  });
}
