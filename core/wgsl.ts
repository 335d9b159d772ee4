/**
 * Turns a kernel into WGSL: bindings, uniform block and entry point are made
 * from its declared facts, so no op counts bindings or offsets by hand. The
 * finished text is the pipeline's key.
 *
 * @module
 */

import type { DType } from "./dtype.ts";
import type { Binding, Kernel, Operand } from "./kernel.ts";

/** Number type as WGSL stores it. */
function storageType(dtype: DType): string {
  return dtype;
}

/** Number type as kernels compute with it. */
function valueType(dtype: DType): string {
  return dtype === "f16" ? "f32" : dtype;
}

/**
 * The kernel with a last binding more: it does nothing while the word there is
 * 0.
 */
export function guarded(kernel: Kernel): Kernel {
  const guard: Binding = { name: "guard", of: "guard", view: "scalar" };
  return {
    ...kernel,
    bindings: [...kernel.bindings, guard],
    body: `  if (load_guard(0u) == 0u) { return; }\n${kernel.body}`,
  };
}

/** Type of the operand behind a binding; scratch memory is f32. */
export function bindingDtype(
  binding: Binding,
  inputs: readonly Operand[],
  output: Operand,
): DType {
  if (binding.of === "output") return output.type.dtype;
  if (binding.of === "guard") return "u32";
  if (typeof binding.of === "number") return inputs[binding.of]!.type.dtype;
  return "f32";
}

function accessors(binding: Binding, dtype: DType): string {
  const { name, view } = binding;
  const stored = storageType(dtype), value = valueType(dtype);
  const [element, type] = view === "vec4"
    ? [`vec4<${stored}>`, `vec4<${value}>`]
    : [stored, value];
  const load =
    `fn load_${name}(i: u32) -> ${type} { return ${type}(${name}[i]); }`;
  if (!binding.isWritten) return load;
  const store =
    `fn store_${name}(i: u32, v: ${type}) { ${name}[i] = ${element}(v); }`;
  return `${load}\n${store}`;
}

function declareBinding(binding: Binding, dtype: DType, slot: number): string {
  const { name, view } = binding;
  const isTyped = view === "scalar" || view === "vec4";
  const stored = storageType(dtype);
  const element = view === "vec4"
    ? `vec4<${stored}>`
    : view === "scalar"
    ? stored
    : view;
  const access = binding.isWritten ? "read_write" : "read";
  const line =
    `@group(0) @binding(${slot}) var<storage, ${access}> ${name}: array<${element}>;`;
  return isTyped ? `${line}\n${accessors(binding, dtype)}` : line;
}

function declareParams(params: Kernel["params"]): string {
  const fields = Object.entries(params).map(([name, value]) =>
    `  ${name}: ${typeof value === "number" ? "u32" : "f32"},`
  );
  if (fields.length === 0) return "";
  return `struct Params {\n${fields.join("\n")}\n}\n` +
    "@group(0) @binding(0) var<uniform> p: Params;";
}

/** Source text of a kernel for operands of the given types. */
export function writeWgsl(
  kernel: Kernel,
  inputs: readonly Operand[],
  output: Operand,
): string {
  const bindings = kernel.bindings.map((binding, i) =>
    declareBinding(binding, bindingDtype(binding, inputs, output), i + 1)
  );
  const text = [
    declareParams(kernel.params),
    ...bindings,
    kernel.declarations ?? "",
    `@compute @workgroup_size(${kernel.workgroupSize.join(", ")})`,
    "fn main(@builtin(global_invocation_id) gid: vec3<u32>,",
    "  @builtin(workgroup_id) wid: vec3<u32>,",
    "  @builtin(local_invocation_id) lid: vec3<u32>) {",
    kernel.body,
    "}",
  ].filter((part) => part !== "").join("\n");
  return /\bf16\b/.test(text) ? `enable f16;\n${text}` : text;
}

/** Bytes of a kernel's uniform block, fields in declared order. */
export function packParams(kernel: Kernel): Uint8Array<ArrayBuffer> {
  const values = Object.values(kernel.params);
  const bytes = new Uint8Array(Math.max(16, Math.ceil(values.length / 4) * 16));
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    if (typeof value === "number") view.setUint32(4 * i, value, true);
    else view.setFloat32(4 * i, value.f32, true);
  });
  return bytes;
}

/** A dispatch over a plain count of work items; index them by `FLAT_INDEX`. */
export interface FlatDispatch {
  /** Invocations of a workgroup. */
  readonly workgroupSize: readonly [number, number, number];
  /** Workgroups; spread over y where x alone would pass the device's limit. */
  readonly workgroups: readonly [number, number, number];
  /** Uniforms that `FLAT_INDEX` needs: `row_items` and `count`. */
  readonly params: { readonly row_items: number; readonly count: number };
}

/** Statements that declare `i` and leave when it passes the count. */
export const FLAT_INDEX =
  "  let i = gid.y * p.row_items + gid.x;\n  if (i >= p.count) { return; }";

/** Plans a dispatch of `count` work items, 64 to a workgroup. */
export function flatDispatch(count: number): FlatDispatch {
  const groups = Math.max(1, Math.ceil(count / 64));
  const x = Math.min(groups, 32768);
  return {
    workgroupSize: [64, 1, 1],
    workgroups: [x, Math.ceil(groups / x), 1],
    params: { row_items: x * 64, count },
  };
}
