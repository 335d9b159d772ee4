/** Quantisers against blocks made by the reference package. */
import assert from "node:assert/strict";
import { FORMAT_BLOCKS } from "../../../core/stored_tensor.ts";
import { rowTarget } from "../../../core/weight_formats.ts";

interface Golden {
  readonly names: readonly string[];
  readonly values: string;
  readonly q8_0: string;
  readonly q4_0: string;
  readonly q4_1: string;
  readonly bf16: string;
  readonly f16: string;
}

const GOLDEN = new URL("../../golden/layouts/quantize.json", import.meta.url);

for (const name of ["f16", "bf16", "q8_0", "q4_0", "q4_1"] as const) {
  Deno.test(`${name} quantize() gives the reference's blocks`, () => {
    const golden = JSON.parse(Deno.readTextFileSync(GOLDEN)) as Golden;
    const values = new Float32Array(Uint8Array.fromHex(golden.values).buffer);
    const wanted = Uint8Array.fromHex(golden[name]);
    const actual = rowTarget(name).quantize(values);
    assert.equal(actual.length, wanted.length);
    const { elements, bytes } = FORMAT_BLOCKS[name];
    const size = 32 / elements * bytes;
    golden.names.forEach((block, i) =>
      assert.deepEqual(
        actual.subarray(i * size, (i + 1) * size),
        wanted.subarray(i * size, (i + 1) * size),
        block,
      )
    );
  });
}
