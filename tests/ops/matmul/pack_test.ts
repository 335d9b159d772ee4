/** The pack text against the layout's own packing on the host. */
import assert from "node:assert/strict";
import { layoutNamed } from "../../../core/layouts/layout_named.ts";
import {
  PACK_LANES,
  packBody,
  packedBytes,
  packParams,
  packWorkgroups,
} from "../../../ops/matmul/pack.ts";
import { createRandom, randomValues } from "../../support/random.ts";
import { openBareGpu, runWgsl } from "../../support/run_wgsl.ts";

const gpu = await openBareGpu();

for (const order of ["nk", "kn"] as const) {
  Deno.test({
    name: `packBody() writes the f32 layout from ${order} order`,
    ignore: gpu === undefined,
    fn: async () => {
      const layout = layoutNamed("f32");
      for (const [n, k] of [[1, 1], [16, 8], [37, 19], [70, 40]] as const) {
        const values = randomValues(createRandom(n * k), "f32", n * k, [-1, 1]);
        const rows = order === "nk"
          ? values
          : values.map((_, i) => values[(i % k) * n + Math.floor(i / k)]!);
        const size = { n, k };
        const shape = order === "nk" ? [n, k] : [k, n];
        const bytes = await runWgsl(gpu!, {
          name: "pack",
          bindings: [
            { name: "x", of: 0, view: "scalar" },
            { name: "w", of: "output", view: layout.element, isWritten: true },
          ],
          params: packParams(size),
          workgroupSize: [PACK_LANES, 1, 1],
          workgroups: packWorkgroups(size),
          body: packBody({ order }),
        }, {
          inputs: [{ type: { dtype: "f32", shape } }],
          output: { type: { dtype: "f32", shape: [packedBytes(size) / 4] } },
          data: [new Uint8Array(values.buffer), packedBytes(size)],
        });
        assert.deepEqual(
          new Uint8Array(bytes),
          layout.packRows("f32", new Uint8Array(rows.buffer), n, k),
          `n ${n} k ${k}`,
        );
      }
    },
  });
}
