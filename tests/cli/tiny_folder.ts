/**
 * A folder with all that a command line needs to run the tiny Flamingo:
 * config, weights, a plugin, pictures.
 *
 * @module
 */

import { join } from "node:path";
import { encodePng } from "../../plugins/image/encode_png.ts";
import { tinyFilesJson, tinyPicture } from "../support/tiny_model.ts";
import { saveTinyWeights, tinyWeights } from "../support/tiny_weights.ts";

/** A folder that is removed when disposed. */
export interface TinyFolder extends AsyncDisposable {
  /** Path of a file in it. */
  path(name: string): string;
  /** Words that name the model and the device. */
  readonly model: readonly string[];
}

/** Makes the folder, with pictures `0.png`, `1.png` and `2.png`. */
export async function tinyFolder(): Promise<TinyFolder> {
  const folder = await Deno.makeTempDir();
  const path = (name: string) => join(folder, name);
  await saveTinyWeights(folder, tinyWeights({ gates: "random", seed: 1 }));
  await Deno.writeTextFile(
    path("config.json"),
    JSON.stringify(tinyFilesJson()),
  );
  await writePlugin(
    path("plugin.ts"),
    "tinyPlugin",
    "../support/tiny_plugin.ts",
  );
  for (let seed = 0; seed < 3; seed++) {
    const { width, height, data } = tinyPicture(seed);
    const png = encodePng({ width, height, data: new Uint8Array(data) });
    await Deno.writeFile(path(`${seed}.png`), png);
  }
  return {
    path,
    model: ["--model", path("config.json"), "--plugin", path("plugin.ts")],
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Writes a module whose default export is that of another. */
export async function writePlugin(
  path: string,
  name: string,
  module: string,
): Promise<void> {
  const from = new URL(module, import.meta.url).href;
  await Deno.writeTextFile(
    path,
    `export { ${name} as default } from "${from}";`,
  );
}
