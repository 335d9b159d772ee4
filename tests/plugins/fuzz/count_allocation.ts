/**
 * Counts the bytes of typed arrays that a step makes: what readers hold of a
 * file's content is in such arrays.
 *
 * @module
 */

const KINDS = [
  "ArrayBuffer",
  "Uint8Array",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;

type Constructor = new (...args: unknown[]) => { readonly byteLength: number };

/** What a step gave, or threw, and the bytes that it made, kept or not. */
export interface Counted<T> {
  /** Its result. */
  readonly result: Promise<T>;
  /** Sum over all arrays. */
  readonly bytes: number;
}

/** Runs a step with the constructors of typed arrays replaced. */
export async function countAllocation<T>(
  step: () => Promise<T>,
): Promise<Counted<T>> {
  const globals = globalThis as unknown as Record<string, Constructor>;
  const originals = KINDS.map((kind) => [kind, globals[kind]!] as const);
  const arrays = Object.getPrototypeOf(Uint8Array.prototype) as {
    slice(...range: number[]): Uint8Array;
  };
  const { slice } = arrays;
  let bytes = 0;
  for (const [kind, original] of originals) {
    const counting: Constructor = new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        const made = Reflect.construct(
          target,
          args,
          newTarget === counting ? target : newTarget,
        ) as { readonly byteLength: number };
        // A view of what is there takes nothing.
        if (!(args[0] instanceof globals["ArrayBuffer"]!)) {
          bytes += made.byteLength;
        }
        return made;
      },
    });
    globals[kind] = counting;
  }
  arrays.slice = function (...range) {
    const made: Uint8Array = slice.apply(this, range);
    bytes += made.byteLength;
    return made;
  };
  const result = Promise.try(step);
  try {
    await result.catch(() => {});
  } finally {
    for (const [kind, original] of originals) globals[kind] = original;
    arrays.slice = slice;
  }
  return { result, bytes };
}
