import { mediaAttention } from "../../ops/media_attention.ts";
import { checkOp } from "../support/check_op.ts";
import { indices } from "../support/control_rows.ts";

const u32 = (...shape: number[]) => ({ dtype: "u32" as const, shape });
const latest = (latents: number) =>
  ({ scale: 0.3, attendTo: "latest", latents }) as const;
const all = (latents: number) =>
  ({ scale: 0.3, attendTo: "all", latents }) as const;

/** A prompt: no picture, then 1, 2 and 3 in runs that split workgroups. */
const media = Array.from({ length: 19 }, (_, j) => Math.floor(j / 5));
const long = [
  [2, 19, 3, 10],
  [5, 2, 3, 10, 20],
  indices([2, 19], [...media, ...media.map((o) => o % 3)]),
  indices([2, 3], [4, 0, 2, 3, 1, 0xffffffff]),
];

checkOp(mediaAttention, {
  cases: [
    {
      inputs: [[1, 1, 1, 1], [1, 2, 1, 1, 4], indices([1, 1], [1]), {
        ...indices([1, 1], [0]),
      }],
      attrs: latest(4),
    },
    { inputs: long, attrs: latest(20) },
    { inputs: long, attrs: all(20) },
    // Empty slots, at the end of each page.
    { inputs: long, attrs: latest(17) },
    { inputs: long, attrs: all(17) },
    { inputs: long, attrs: all(19) },
    {
      inputs: [
        [1, 2, 1, 3],
        [2, 2, 1, 3, 4],
        indices([1, 2], [1, 2]),
        indices([1, 2], [1, 0]),
      ],
      attrs: all(1),
    },
    {
      inputs: [
        [2, 1, 8, 64],
        [3, 2, 8, 64, 64],
        indices([2, 1], [2, 0]),
        indices([2, 2], [2, 1, 0, 0]),
      ],
      attrs: latest(64),
    },
  ],
  bad: [{
    inputs: [[1, 2, 2, 4], [3, 2, 2, 4, 8], u32(1, 3), u32(1, 2)],
    attrs: latest(8),
    message: /media_attention.*l=2/,
  }, {
    inputs: [[1, 2, 2, 4], [3, 2, 2, 4, 8], u32(1, 2), u32(2, 2)],
    attrs: all(8),
    message: /rows of the picture table must be 1: it is 2/,
  }, {
    inputs: [[1, 2, 2, 4], [3, 2, 2, 4, 8], u32(1, 2), u32(1, 2)],
    attrs: latest(4),
    message: /media_attention.*the slots of a page must be 4: it is 8/,
  }],
});
