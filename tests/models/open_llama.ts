/**
 * The tiny LLaMA of the golden data, for tests of the engine.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { createDevice } from "../../core/create_device.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import type { EngineOptions } from "../../models/generation/engine_options.ts";
import { assemble } from "../../plugins/assemble.ts";

/** Its folder. */
export const FOLDER: string = fileURLToPath(
  new URL("../golden/models/llama_tied", import.meta.url),
);

/** Its tokens. */
export const VOCABULARY = 131;

/** The model on a device of its own. */
export async function opened(
  engine: EngineOptions = {},
): Promise<{ model: Flamingo } & Disposable> {
  const stack = new DisposableStack();
  const device = stack.use(await createDevice());
  const model = stack.use(await assemble(FOLDER, { device, engine }));
  return { model, [Symbol.dispose]: () => stack.dispose() };
}

/** A fixed prompt of so many tokens. */
export function prompt(length: number, seed: number): number[] {
  return Array.from({ length }, (_, i) => 3 + (i * 37 + seed * 11) % 120);
}
