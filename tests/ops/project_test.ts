import { createDevice } from "../../core/create_device.ts";
import type { HostArray } from "../../core/dtype.ts";
import { evaluateOn } from "../../core/evaluate_on.ts";
import { F32_LAYOUT } from "../../core/layouts/f32.ts";
import { LAYOUTS } from "../../core/layouts/layout_named.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import { leaf, type Tensor } from "../../core/tensor.ts";
import { add } from "../../ops/add.ts";
import { concat } from "../../ops/concat.ts";
import { gelu } from "../../ops/gelu.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { project, type ProjectAttrs } from "../../ops/project.ts";
import { rmsNorm } from "../../ops/rms_norm.ts";
import { silu } from "../../ops/silu.ts";
import { tanh } from "../../ops/tanh.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import { assertClose } from "../support/assert_close.ts";
import { createRandom, randomValues } from "../support/random.ts";

const rms = { kind: "rms", eps: 1e-5, operands: 1 } as const;
const layer = { kind: "layer", eps: 1e-5, operands: 2 } as const;
const silent = { op: silu, attrs: {} };

const cases: readonly OpCase<ProjectAttrs>[] = [
  { inputs: [[1, 1], [1, 1]], attrs: { weights: 1 } },
  {
    inputs: [[3, 40], [17, 40], [17], [3, 17]],
    attrs: { weights: 1, hasBias: true, hasResidual: true },
  },
  // Rows that are normed in every workgroup, and too many for that.
  ...[1, 3, 4, 19].map((m): OpCase<ProjectAttrs> => ({
    inputs: [[m, 1, 64], [48, 64], [33, 64], [16, 64], [64], [64]],
    attrs: { weights: 3, norm: layer },
  })),
  ...[1, 2, 9].map((m): OpCase<ProjectAttrs> => ({
    inputs: [[m, 96], [40, 96], [40, 96], [96]],
    attrs: { weights: 2, join: "gate", activation: silent, norm: rms },
  })),
  {
    inputs: [[2, 33], [20, 33], [33], [20], [2, 20]],
    attrs: {
      weights: 1,
      norm: rms,
      hasBias: true,
      hasResidual: true,
      activation: { op: gelu, attrs: { approximate: "tanh" } },
    },
  },
  {
    inputs: [[2, 33], [20, 33], [1], [2, 20]],
    attrs: {
      weights: 1,
      gain: { activation: { op: tanh, attrs: {} } },
      hasResidual: true,
    },
  },
  {
    inputs: [[5, 32], [20, 32], [20, 32], [1, 20]],
    attrs: { weights: 2, join: "gate", gain: {} },
  },
];

checkOp(project, {
  layout: F32_LAYOUT,
  scale: "magnitudes",
  cases,
  bad: [
    { inputs: [[2, 8], [4, 8]], attrs: { weights: 4 }, message: /1 to 3/ },
    { inputs: [[2, 8], [4, 9]], attrs: { weights: 1 }, message: /\[4, 9\]/ },
    {
      inputs: [[2, 8], [4, 8], [5, 8]],
      attrs: { weights: 2, join: "gate" },
      message: /rows of the gated weight must be 4: it is 5/,
    },
    {
      inputs: [[2, 8], [4, 8], [2, 5]],
      attrs: { weights: 1, hasResidual: true },
      message: /residual is \[2, 5\] and its result \[2, 4\]/,
    },
  ],
});

for (const layout of LAYOUTS) {
  Deno.test(`project() with ${layout.name} weights equals the ops it stands for`, async () => {
    using device = await createDevice();
    for (const m of [1, 3, 17]) {
      const random = createRandom(m);
      const values = new Map<Tensor, HostArray>();
      const make = (kind: "input" | "weight", name: string, shape: Shape) => {
        const made = leaf(kind, name, { dtype: "f32", shape });
        values.set(made, randomValues(random, "f32", sizeOf(shape), [-1, 1]));
        return made;
      };
      const x = make("input", "x", [m, 64]);
      const [scale] = [make("weight", "scale", [64])];
      const [a, b] = [
        make("weight", "a", [40, 64]),
        make("weight", "b", [40, 64]),
      ];
      const residual = make("input", "residual", [m, 80]);
      const h = rmsNorm(x, scale!, { eps: 1e-5 });
      const [u, v] = [a!, b!].map((w) => matmul(h, w, { isTransposed: true }));
      const pairs = [
        [
          add(residual, concat(u!, v!, { axis: 1 })),
          project(x, a!, b!, scale!, residual, {
            weights: 2,
            norm: rms,
            hasResidual: true,
          }),
        ],
        [
          mul(silu(u!), v!),
          project(x, a!, b!, scale!, {
            weights: 2,
            norm: rms,
            join: "gate",
            activation: silent,
          }),
        ],
      ];
      const found = await evaluateOn(
        device,
        pairs.flat() as Tensor[],
        (leaf) => values.get(leaf)!,
        { layout },
      );
      for (const i of [0, 2]) {
        assertClose(`${layout.name}, ${m} rows`, found[i + 1]!, found[i]!, {
          scale: found[i]!.map((y) => Math.max(1, Math.abs(y))),
          tolerance: 1e-5,
        });
      }
    }
  });
}
