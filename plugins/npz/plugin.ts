/**
 * Files of NumPy arrays as a plugin.
 *
 * @module
 */

import { definePart, definePlugin, type Plugin } from "../plugin.ts";
import { isPickle, isTorchPickle } from "../pickle/is_torch_pickle.ts";
import { objectOf } from "../schema.ts";
import { firstMember } from "../zip.ts";
import { NPY_MAGIC } from "./npy_header.ts";
import { openNpz } from "./reader.ts";

/** Brings the reader `npz`. */
export function npzPlugin(): Plugin {
  const reader = definePart({
    slot: "reader",
    name: "npz",
    schema: objectOf({}),
    build: () => ({
      formats: "NumPy files (.npz, .npy, pickled dicts of arrays)",
      folderFiles: [],
      endings: [".npz"],
      recognises: (_, head) => isNumpy(head),
      open: openNpz,
    }),
  });
  return definePlugin({
    name: "npz",
    version: "0.1.0",
    contract: 1,
    parts: [reader],
  });
}

function isNumpy(head: Uint8Array): boolean {
  return firstMember(head)?.endsWith(".npy") === true ||
    NPY_MAGIC.every((byte, i) => head[i] === byte) ||
    isPickle(head) && !isTorchPickle(head);
}
