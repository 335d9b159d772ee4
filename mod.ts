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
 * How text is drawn is said by `SamplerSettings`, which `describe` and
 * `Flamingo.generate` take:
 *
 * ```ts
 * import { assemble, createDevice } from "@rookery/rookery";
 *
 * using device = await createDevice();
 * using model = await assemble("rookery-small", { device });
 * const settings = { temperature: 0.8, topP: 0.95, seed: 7, stopStrings: ["."] };
 * for await (const { text } of model.generate([{ text: "A fox" }], settings)) {
 *   console.log(text);
 * }
 * ```
 *
 * @module
 */

export * from "./core/mod.ts";
export * from "./models/mod.ts";
export * as ops from "./ops/mod.ts";
export * from "./ops/measure_peaks.ts";
export * from "./plugins/mod.ts";
