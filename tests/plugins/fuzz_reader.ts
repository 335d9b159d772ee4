/** Feeds damaged copies of a file to a reader. */
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { RookeryError } from "../../core/errors.ts";
import { type Checkpoint, FORMAT_BLOCKS } from "../../core/stored_tensor.ts";

type Open = (path: string) => Promise<Checkpoint>;

interface Damage {
  readonly kind: "set" | "flip" | "huge" | "insert" | "remove" | "cut";
  readonly place: number;
  readonly value: number;
}

const DAMAGES: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("set", "flip", "huge", "insert", "remove", "cut"),
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    value: fc.nat(255),
  }) as fc.Arbitrary<Damage>,
  { minLength: 1, maxLength: 4 },
);

/** No header of a few kilobytes may keep a reader busy for longer. */
const MAX_MS = 2000;

/**
 * Opens damaged copies of `source`: each is refused by an error that names the
 * file, or gives tensors that can be read as their shapes say. Runs 300 times,
 * or as often as ROOKERY_FUZZ_RUNS says.
 *
 * @param headerBytes damage is done before this byte
 */
export async function fuzzReader(
  source: string,
  headerBytes: number,
  open: Open,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "damaged");
  const whole = await Deno.readFile(source);
  const numRuns = Number(Deno.env.get("ROOKERY_FUZZ_RUNS") ?? 300);
  try {
    await fc.assert(
      fc.asyncProperty(DAMAGES, async (damages) => {
        await Deno.writeFile(path, damaged(whole, headerBytes, damages));
        const started = performance.now();
        await readOrRefuse(path, open);
        assert.ok(performance.now() - started < MAX_MS, "it took too long");
      }),
      { numRuns, seed: 20261123 },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readOrRefuse(path: string, open: Open): Promise<void> {
  try {
    using checkpoint = await open(path);
    for (
      const { name, shape, format, ...tensor } of checkpoint.tensors.values()
    ) {
      const { elements, bytes } = FORMAT_BLOCKS[format];
      const count = shape.reduce((product, size) => product * size, 1);
      assert.equal(tensor.sizeBytes, count / elements * bytes, name);
      const content = await tensor.read(0, tensor.sizeBytes);
      assert.equal(content.length, tensor.sizeBytes, name);
    }
  } catch (error) {
    if (!(error instanceof RookeryError)) throw error;
    assert.equal(error.code, "file");
    assert.ok(error.message.includes(path), error.message);
  }
}

function damaged(
  whole: Uint8Array<ArrayBuffer>,
  headerBytes: number,
  damages: readonly Damage[],
): Uint8Array<ArrayBuffer> {
  const bytes = [...whole];
  for (const { kind, place, value } of damages) {
    const at = Math.floor(place * Math.min(headerBytes, bytes.length));
    if (kind === "set") bytes[at] = value;
    if (kind === "flip") bytes[at]! ^= 1 << (value % 8);
    if (kind === "huge") bytes.splice(at, 8, ...Array(8).fill(value | 0x70));
    if (kind === "insert") bytes.splice(at, 0, value);
    if (kind === "remove") bytes.splice(at, 1 + (value % 8));
    if (kind === "cut") bytes.length = Math.floor(place * bytes.length);
  }
  return Uint8Array.from(bytes);
}
