/**
 * What an op tells a GPU: kernels as text plus the facts that the writer in
 * `wgsl.ts` turns into bindings, a uniform block and an entry point.
 *
 * @module
 */

import type { PackedLayout } from "./layouts/layout.ts";
import type { TensorType } from "./tensor.ts";

/** Rows `[start, end)` of a packed weight that fit one binding. */
export interface WeightPart {
  /** First row. */
  readonly start: number;
  /** Row after the last. */
  readonly end: number;
}

/** A value as kernels see it. */
export interface Operand {
  /** Number type and sizes. */
  readonly type: TensorType;
  /** Set for a packed weight: how it lies on the device. */
  readonly layout?: PackedLayout;
  /** Set for a packed weight: its split over bindings, in order. */
  readonly parts?: readonly WeightPart[];
}

/** Facts about a device that choose between kernels. */
export interface DeviceProfile {
  /** Name for people, e.g. the adapter's description. */
  readonly name: string;
  /** Runs kernels (`webgpu`) or the ops' CPU meanings (`cpu`). */
  readonly kind: "webgpu" | "cpu";
  /** A processor that plays GPU: 8 lanes, no shared memory worth the name. */
  readonly isSoftware: boolean;
  /** Whether kernels may use the f16 type. */
  readonly hasF16: boolean;
  /** Whether lanes of a subgroup (8 or more) may exchange values. */
  readonly hasSubgroups: boolean;
  /** Largest range of a storage buffer that a kernel can see, in bytes. */
  readonly maxBindingBytes: number;
  /** Largest buffer, in bytes. */
  readonly maxBufferBytes: number;
  /** Most storage buffers that a kernel can see. */
  readonly maxBindings: number;
  /** Most invocations in a workgroup. */
  readonly maxInvocations: number;
  /** Most workgroups along an axis of a dispatch. */
  readonly maxWorkgroups: number;
}

/** What a binding shows a kernel. */
export interface Binding {
  /** Name in the kernel's text. */
  readonly name: string;
  /**
   * An operand by index, the output, scratch memory by index, or the word that
   * guards the program, which only `guarded` adds.
   */
  readonly of: number | "output" | "guard" | { readonly scratch: number };
  /** Part of a packed weight, by index; its first when left out. */
  readonly part?: number;
  /**
   * `scalar` gives `load_NAME(i)` and, where written, `store_NAME(i, v)` in
   * f32/i32/u32 whatever the storage; `vec4` the same in fours; any other
   * text is the raw element type and the kernel indexes `NAME[i]` itself.
   */
  readonly view: "scalar" | "vec4" | string;
  /** Written by this kernel; it may read it as well. */
  readonly isWritten?: boolean;
}

/** One dispatch. */
export interface Kernel {
  /** Name for labels and profiles. */
  readonly name: string;
  /** Buffers it sees. */
  readonly bindings: readonly Binding[];
  /** Fields of the uniform block `p`, u32 unless wrapped as `{ f32 }`. */
  readonly params: Readonly<Record<string, number | { readonly f32: number }>>;
  /** Invocations of a workgroup. */
  readonly workgroupSize: readonly [x: number, y: number, z: number];
  /** Workgroups of the dispatch. */
  readonly workgroups: readonly [x: number, y: number, z: number];
  /** Functions and workgroup variables before the entry point. */
  readonly declarations?: string;
  /** Statements of the entry point; sees `gid`, `wid`, `lid` and `p`. */
  readonly body: string;
}

/** What an op gets to choose and write its kernels. */
export interface KernelContext<Attrs> {
  /** Operands in order. */
  readonly inputs: readonly Operand[];
  /** The result. */
  readonly output: Operand;
  /** Attributes of this use. */
  readonly attrs: Attrs;
  /** The device. */
  readonly profile: DeviceProfile;
}

/** Kernels of one op use, in order, and the scratch memory they share. */
export interface KernelList {
  /** Dispatches in order. */
  readonly kernels: readonly Kernel[];
  /** Sizes in bytes of the scratch buffers that bindings name. */
  readonly scratch?: readonly number[];
}
