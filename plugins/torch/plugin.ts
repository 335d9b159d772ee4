/**
 * Checkpoints of `torch.save` as a plugin.
 *
 * @module
 */

import { definePart, definePlugin, type Plugin } from "../plugin.ts";
import { objectOf } from "../schema.ts";
import { openTorch } from "./reader.ts";

/** First bytes of a zip archive, and of a pickle with a protocol number. */
const ZIP = [0x50, 0x4b, 3, 4] as const, PICKLE = 0x80;

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

function isSaved(head: Uint8Array): boolean {
  const isPickle = head[0] === PICKLE && head[1]! <= 5;
  return isPickle || ZIP.every((byte, i) => head[i] === byte);
}
