/**
 * Checkpoints of `torch.save` as a plugin.
 *
 * @module
 */

import { isTorchPickle } from "../pickle/is_torch_pickle.ts";
import { definePart, definePlugin, type Plugin } from "../plugin.ts";
import { objectOf } from "../schema.ts";
import { firstMember } from "../zip.ts";
import { openTorch } from "./reader.ts";

/** Brings the reader `torch`, for both layouts and for shards by index. */
export function torchPlugin(): Plugin {
  const reader = definePart({
    slot: "reader",
    name: "torch",
    schema: objectOf({}),
    build: () => ({
      formats: "torch.save files (.pth, .pt, .bin)",
      folderFiles: ["pytorch_model.bin.index.json", "pytorch_model.bin"],
      endings: [".pth", ".pt", ".bin"],
      recognises: (path, head) =>
        path.endsWith(".bin.index.json") || isSaved(head),
      open: openTorch,
    }),
  });
  return definePlugin({
    name: "torch",
    version: "0.1.0",
    contract: 1,
    parts: [reader],
  });
}

/** A zip file of anything but NumPy arrays, or a legacy pickle. */
function isSaved(head: Uint8Array): boolean {
  const first = firstMember(head);
  return first !== undefined ? !first.endsWith(".npy") : isTorchPickle(head);
}
