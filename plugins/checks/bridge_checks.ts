/**
 * Checks of what a plugin brings beside parts: bridge formats, and folders
 * that are whole models.
 *
 * @module
 */

import { inMemory } from "../../core/evaluate_on.ts";
import type { BridgeFormat, FolderModel, Plugin } from "../plugin.ts";
import type { CheckList } from "./plugin_report.ts";

/** A name that no format knows. */
const STRANGE = "no_such_part.no_such_tensor";

/** Checks bridges and models of a plugin. */
export async function bridgeChecks(
  { name, bridges = [], models = [] }: Plugin,
  list: CheckList,
): Promise<void> {
  for (const format of bridges) {
    const subject = `bridge ${format.name}`;
    await list.check(subject, "no tensor is lost", () => checkSort(format));
  }
  for (const model of models) {
    const subject = `model ${model.modelTypes[0] ?? name}`;
    await list.check(subject, "it tells its folders", () => checkModel(model));
  }
}

function checkSort(format: BridgeFormat): void {
  const nothing = format.sort(new Map());
  if (nothing.unknown.length > 0) {
    throw new Error(`it finds ${nothing.unknown.join(", ")} in an empty file`);
  }
  const tensor = inMemory(STRANGE, [1], Float32Array.of(1));
  const { bySlot, unknown } = format.sort(new Map([[STRANGE, tensor]]));
  const isKept = unknown.includes(STRANGE) ||
    bySlot.values().some((tensors) =>
      tensors.values().some((t) => t === tensor)
    );
  if (!isKept) {
    throw new Error(`tensor ${STRANGE} is in no slot, and not unknown either`);
  }
}

function checkModel({ modelTypes, recognises }: FolderModel): void {
  if (modelTypes.length === 0 && recognises === undefined) {
    throw new Error("it has neither modelTypes nor recognises");
  }
  if (modelTypes.includes("")) throw new Error("a model type is empty");
  if (recognises?.({ no_such_key: 1 })) {
    throw new Error("recognises() takes a config.json that it cannot know");
  }
}
