/**
 * Kernels of `attendStep`. A step of one token fits one workgroup for each
 * head of the keys: it writes its token's key and value and reads them back
 * behind a barrier, all in one dispatch. Longer chunks write first and attend
 * in a second dispatch. Queries turn as they are staged.
 *
 * @module
 */

import type { Kernel, KernelContext, KernelList } from "../../core/kernel.ts";
import { sizeOf } from "../../core/shape.ts";
import { FLAT_INDEX, flatDispatch } from "../../core/wgsl.ts";
import { queryQuads, type QueryShape } from "../attend_kernel.ts";
import { attendPagesKernel } from "../attend_pages.ts";
import type { AttendStepAttrs } from "./attend_step_attrs.ts";
import { checkCache, PAGE_SLOTS } from "../cache_type.ts";
import { CONTROL } from "../control_row.ts";
import { type TurnText, turnText, writeText } from "./attend_step_text.ts";

/** Kernels of one use. */
export function attendStepKernels(
  context: KernelContext<AttendStepAttrs>,
): KernelList {
  const { inputs, output } = context;
  const { g } = checkCache("attend_step", inputs[1]!.type);
  const shape = output.type.shape as unknown as QueryShape;
  const [, l, h] = shape;
  const isOne = l * h / g <= 4 * queryQuads(shape, g);
  if (isOne) return { kernels: [attend(context, true)] };
  return { kernels: [writeKernel(context), attend(context, false)] };
}

/** What the texts are told. */
function textOf(
  { inputs, output, attrs }: KernelContext<AttendStepAttrs>,
): TurnText {
  const { g, k } = checkCache("attend_step", inputs[1]!.type);
  const rotations = inputs[5]?.type.shape as
    | [number, number, number]
    | undefined;
  return {
    heads: output.type.shape[2]!,
    groups: g,
    headDim: k,
    dtype: inputs[1]!.type.dtype,
    ...(rotations === undefined ? {} : {
      turn: {
        length: rotations[0],
        half: rotations[1],
        isInterleaved: attrs.isInterleaved ?? false,
      },
    }),
  };
}

/** Bindings of what turns. */
function turningBindings({ inputs }: KernelContext<AttendStepAttrs>) {
  if (inputs.length < 6) return [];
  return [
    { name: "positions", of: 4, view: "scalar" },
    { name: "angles", of: 5, view: "vec2<f32>" },
  ];
}

function attend(
  context: KernelContext<AttendStepAttrs>,
  isWriting: boolean,
): Kernel {
  const { inputs, attrs } = context;
  const text = textOf(context);
  const last = `load_control(b * p.words + ${CONTROL.position}u) + j`;
  const write = `  for (var e = lid.x; e < p.l * ${text.headDim}u; e += ${
    context.profile.isSoftware ? 8 : 32
  }u) {
    write_token(wid.z, e / ${text.headDim}u, wid.y, e % ${text.headDim}u);
  }
  storageBarrier();`;
  return attendPagesKernel(context, {
    name: isWriting ? "attend_step" : "attend_chunk",
    bindings: [
      { name: "control", of: 2, view: "scalar" },
      ...turningBindings(context),
    ],
    params: { words: inputs[2]!.type.shape[1]! },
    table: 3,
    scale: attrs.scale,
    range: `    if (j < load_control(b * p.words + ${CONTROL.count}u)) {
      high = min(${last} + 1u, p.table_width * ${PAGE_SLOTS}u);
    }`,
    query: `${turnText(text)}
${isWriting ? writeText(text) : ""}
fn query_at(at: u32, d: u32) -> f32 {
  let head = at / ${text.headDim}u;
  let token = head / ${text.heads}u;
  return turned(token, head - token * ${text.heads}u, d);
}`,
    before: isWriting ? write : undefined,
  });
}

/** Writes keys and values, one lane an element of both. */
function writeKernel(context: KernelContext<AttendStepAttrs>): Kernel {
  const { inputs, output } = context;
  const text = textOf(context);
  const [b, l] = output.type.shape as [number, number];
  const { pages } = checkCache("attend_step", inputs[1]!.type);
  const size = text.groups * text.headDim;
  const { params, ...flat } = flatDispatch(sizeOf([b, l, size]));
  return {
    name: "attend_write",
    bindings: [
      { name: "q", of: 0, view: "scalar" },
      { name: "control", of: 2, view: "scalar" },
      { name: "table", of: 3, view: "scalar" },
      ...turningBindings(context),
      { name: "cache", of: 1, view: "vec4", isWritten: true },
    ],
    params: {
      ...params,
      pages,
      l,
      words: inputs[2]!.type.shape[1]!,
      table_width: inputs[3]!.type.shape[1]!,
    },
    ...flat,
    declarations: `${turnText(text)}\n${writeText(text)}`,
    body: `${FLAT_INDEX}
  let token = i / ${size}u;
  let row = token / p.l;
  let element = i - token * ${size}u;
  let head = element / ${text.headDim}u;
  write_token(row, token - row * p.l, head, element - head * ${text.headDim}u);`,
  };
}
