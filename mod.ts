/**
 * Rookery: vision-language models of the Flamingo family on Deno's own
 * WebGPU, declared in a config and run headless.
 *
 * ```ts
 * import { assemble, createDevice, describe } from "@rookery/rookery";
 *
 * using device = await createDevice();
 * using model = await assemble("rookery-small", { device });
 * const { text } = await describe(model, { image: "dog.png" });
 * console.log(text);
 * ```
 *
 * @module
 */

export * from "./core/mod.ts";
export * from "./models/mod.ts";
export * as ops from "./ops/mod.ts";
export * from "./ops/measure_peaks.ts";
export * from "./plugins/mod.ts";
