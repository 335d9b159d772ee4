/**
 * Starts an Emscripten codec of an npm package by hand. Its own loader fetches
 * the binary, which asks for a read permission; `import.source`, with which the
 * callers get the compiled binary, asks for none and works offline.
 *
 * @module
 */

/** Pixels as the codecs return them. */
export interface CodecPixels {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** RGBA bytes, [height, width, 4]. */
  readonly data: Uint8ClampedArray;
}

/** What is used of a codec's module. */
export interface Codec {
  /** Decodes a file; null or an exception when it cannot. */
  decode(bytes: Uint8Array, ...options: unknown[]): CodecPixels | null;
}

/**
 * Starts the codec, new for each picture: that costs about a millisecond,
 * gives the memory back afterwards, and a codec that has failed (it exits, as
 * a C program does) is never used again.
 *
 * `makeCodec` is the default export of the codec's JavaScript.
 */
export async function startCodec(
  makeCodec: unknown,
  wasm: WebAssembly.Module,
): Promise<Codec> {
  const make = makeCodec as (options: object) => Promise<Codec>;
  return await make({
    noInitialRun: true,
    print: () => {},
    printErr: () => {}, // the reason is thrown; nothing may be printed
    instantiateWasm: (
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ) => {
      const instance = new WebAssembly.Instance(wasm, imports);
      done(instance);
      return instance.exports;
    },
  });
}
