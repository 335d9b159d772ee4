/**
 * Prints the WebGPU adapter as one line of JSON, or `null`. Run in a process of
 * its own: Deno looks for drivers once per process, so that one installed later
 * is seen only by a new process.
 *
 * @module
 */

import type { Adapter } from "./ensure_device.ts";

const found = await navigator.gpu?.requestAdapter();
const adapter: Adapter | null = found
  ? {
    name: found.info.description || found.info.vendor || "unnamed adapter",
    hasF16: found.features.has("shader-f16"),
  }
  : null;
console.log(JSON.stringify(adapter));
