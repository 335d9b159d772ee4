/**
 * Self-attention of a chunk in one op: rotary positions, keys and values into
 * their pages, causal attention over them. What `rope`, `kvWrite` and
 * `pagedAttention` do one after the other, from one value that holds queries,
 * keys and values side by side.
 *
 * @module
 */

import type { HostArray } from "../core/dtype.ts";
import { type CpuCall, defineOp, type Op } from "../core/op.ts";
import { bindAxes, sizeOf } from "../core/shape.ts";
import type { Tensor, TensorType } from "../core/tensor.ts";
import type { AttendStepAttrs } from "./attend_step/attend_step_attrs.ts";
import { attendStepKernels } from "./attend_step/attend_step_kernels.ts";
import { checkCache } from "./cache_type.ts";
import { kvWrite } from "./kv_write.ts";
import { pagedAttention } from "./paged_attention.ts";
import { rope } from "./rope.ts";

export type { AttendStepAttrs };

/** Operands of `attendStep`; without the last two, nothing turns. */
export type AttendStepInputs =
  | [qkv: Tensor, cache: Tensor, control: Tensor, table: Tensor]
  | [
    qkv: Tensor,
    cache: Tensor,
    control: Tensor,
    table: Tensor,
    positions: Tensor,
    rotations: Tensor,
  ];

/**
 * `pagedAttention(rope(q), kvWrite(cache, rope(k), v, …), …)` with `qkv`
 * [b, l, (h + 2g)·k]: all queries, then all keys, then all values; `cache`
 * [pages, 2, g, k, 16], which is written; control rows u32 [b, words]; `table`
 * u32 [b, P]; `positions` u32 [b, l]; `rotations` by `ropeTable`. Gives
 * [b, l, h, k]; the cache's new value is `stateAfter(cache, result)`.
 */
export const attendStep: Op<AttendStepAttrs, AttendStepInputs> = defineOp<
  AttendStepAttrs,
  AttendStepInputs
>({
  name: "attend_step",
  writes: [1],
  infer(types, attrs) {
    const { q, k } = partsOf(types, attrs);
    const [, cache, control, table, ...turning] = types;
    for (const own of turning.length > 0 ? [q, k] : []) {
      rope.infer([own, ...turning], attrs);
    }
    kvWrite.infer([cache!, k, k, control!, table!], {});
    return pagedAttention.infer([q, cache!, control!, table!], attrs);
  },
  cpu: attendOnCpu,
  kernels: attendStepKernels,
  gradient: "none",
  isCostOfRoom: true,
  cost(types, output, attrs) {
    const { q, k } = partsOf(types, attrs);
    const [, cache, control, table] = types as TensorType[];
    const parts = [
      rope.cost([q], q, {}),
      rope.cost([k], k, {}),
      kvWrite.cost([cache!, k], cache!, {}),
      pagedAttention.cost([q, cache!, control!, table!], output, attrs),
    ];
    return {
      flops: parts.reduce((sum, { flops }) => sum + flops, 0),
      bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  },
});

/** Types of queries and of keys (and values) within `qkv`. */
function partsOf(
  types: readonly TensorType[],
  { heads }: AttendStepAttrs,
): { readonly q: TensorType; readonly k: TensorType } {
  const [qkv, cache] = types as [TensorType, TensorType];
  const { g, k } = checkCache("attend_step", cache);
  const width = (heads + 2 * g) * k;
  const { b, l } = bindAxes("attend_step", qkv.shape, "b l w", { w: width });
  const of = (count: number): TensorType => ({
    dtype: qkv.dtype,
    shape: [b!, l!, count, k],
  });
  return { q: of(heads), k: of(g) };
}

function attendOnCpu(call: CpuCall<AttendStepAttrs>): void {
  const { inputs, types, attrs, output, outputType } = call;
  const { q, k } = partsOf(types, attrs);
  const [qkv, cache, control, table, ...turning] = inputs as [
    HostArray,
    HostArray,
    HostArray,
    HostArray,
    ...HostArray[],
  ];
  const width = types[0]!.shape[2]!;
  const cut = (from: number, type: TensorType): HostArray => {
    const size = type.shape[2]! * type.shape[3]!;
    const part = new Float32Array(sizeOf(type.shape));
    for (let row = 0; row * size < part.length; row++) {
      const start = row * width + from;
      part.set(qkv.subarray(start, start + size), row * size);
    }
    return part;
  };
  const turn = (values: HostArray, type: TensorType): HostArray => {
    if (turning.length === 0) return values;
    const turned = new Float32Array(values.length);
    rope.cpu({
      inputs: [values, ...turning],
      types: [type, ...types.slice(4)],
      attrs,
      output: turned,
      outputType: type,
    });
    return turned;
  };
  const columns = q.shape[2]! * q.shape[3]!, size = k.shape[2]! * k.shape[3]!;
  kvWrite.cpu({
    inputs: [
      cache,
      turn(cut(columns, k), k),
      cut(columns + size, k),
      control,
      table,
    ],
    types: [types[1]!, k, k, types[2]!, types[3]!],
    attrs: {},
    output: cache,
    outputType: types[1]!,
  });
  pagedAttention.cpu({
    inputs: [turn(cut(0, q), q), cache, control, table],
    types: [q, ...types.slice(1, 4)],
    attrs,
    output,
    outputType,
  });
}
