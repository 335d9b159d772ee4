/** Layouts in kernels: `decode` and `at` give the values of `unpackRows`. */
import assert from "node:assert/strict";
import type { Kernel } from "../../../core/kernel.ts";
import { type PackedLayout, rowBlocks } from "../../../core/layouts/layout.ts";
import { LAYOUTS } from "../../../core/layouts/layout_named.ts";
import { createRandom, randomValues } from "../../support/random.ts";
import { openBareGpu, runWgsl } from "../../support/run_wgsl.ts";

const gpu = await openBareGpu();
const ROWS = 24;
const COLUMNS = 96;

/** Lane r of workgroup (b, t) writes block b of row 8t + r. */
function decodeKernel(layout: PackedLayout): Kernel {
  const blocks = rowBlocks(layout, COLUMNS);
  const decode = layout.decode({
    weights: "w",
    at: "at",
    lane: "lid.x",
    prefix: "v",
  });
  const stores = Array.from(
    { length: layout.block },
    (_, k) => `store_y(to + ${k}u, v${k >> 2}.${"xyzw"[k % 4]});`,
  );
  return {
    name: "decode",
    bindings: [
      { name: "w", of: 0, view: layout.element },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: { blocks },
    workgroupSize: [8, 1, 1],
    workgroups: [blocks, ROWS / 8, 1],
    body: `let at = (wid.y * p.blocks + wid.x) * ${layout.blockElements}u;
let to = ((wid.y * 8u + lid.x) * p.blocks + wid.x) * ${layout.block}u;
${decode}
${stores.join("\n")}`,
  };
}

/** Every element through the layout's function for single weights. */
function gatherKernel(layout: PackedLayout): Kernel {
  return {
    name: "gather",
    bindings: [
      { name: "w", of: 0, view: layout.element },
      { name: "y", of: "output", view: "scalar", isWritten: true },
    ],
    params: { columns: COLUMNS, blocks: rowBlocks(layout, COLUMNS) },
    workgroupSize: [8, 1, 1],
    workgroups: [COLUMNS / 8, ROWS, 1],
    declarations: layout.at("w"),
    body: "store_y(gid.y * p.columns + gid.x, w_at(gid.y, gid.x, p.blocks));",
  };
}

/** Weights with blocks of all sizes, from halves without a bit to large. */
function weights(): Float32Array<ArrayBuffer> {
  const values = randomValues(
    createRandom(11),
    "f32",
    ROWS * COLUMNS,
    [-1, 1],
  ) as Float32Array<ArrayBuffer>;
  return values.map((value, i) => value * 10 ** ((i >> 5) % 9 - 6));
}

for (const layout of LAYOUTS) {
  for (const make of [decodeKernel, gatherKernel]) {
    Deno.test({
      name: `${layout.name} layout in WGSL: ${make.name} gives unpackRows()`,
      ignore: gpu === undefined,
      fn: async () => {
        const source = new Uint8Array(weights().buffer);
        const packed = layout.packRows("f32", source, ROWS, COLUMNS);
        const type = { dtype: "f32", shape: [ROWS, COLUMNS] } as const;
        const bytes = await runWgsl(gpu!, make(layout), {
          inputs: [{ type, layout }],
          output: { type },
          data: [packed, ROWS * COLUMNS * 4],
        });
        assert.deepEqual(
          new Float32Array(bytes),
          layout.unpackRows(packed, ROWS, COLUMNS),
        );
      },
    });
  }
}
