/**
 * A program as plain data, for people and other programs to look at: its JSON
 * is stable. Values are named by references that begin with a sign:
 *
 * - `$name` an input: of a program, what the host writes
 * - `&name` a state, which outlives runs
 * - `@name` a weight, by its path in the template
 * - `#n` a constant of a template
 * - `%n` a computed value, numbered in order
 *
 * @module
 */

import type { DType } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/** Something with a name and a type. */
export interface NamedType {
  /** Its name. */
  readonly name: string;
  /** Number type. */
  readonly dtype: DType;
  /** Sizes, outermost first. */
  readonly shape: Shape;
}

/** A weight of a template. */
export interface GraphWeight extends NamedType {
  /** Whether it may lie in a packed layout; else it is f32. */
  readonly isPacked: boolean;
}

/** One use of an op. */
export interface GraphOp {
  /** Reference of its result, `%n`. */
  readonly id: string;
  /** Name of the op. */
  readonly op: string;
  /** References of its operands. */
  readonly operands: readonly string[];
  /** Attributes, as plain values. */
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Number type of the result. */
  readonly dtype: DType;
  /** Sizes of the result. */
  readonly shape: Shape;
  /** Name under which a tap finds it; left out where it has none. */
  readonly label?: string;
  /** Floating-point operations. */
  readonly flops: number;
}

/** One dispatch of a planned template. */
export interface GraphKernel {
  /** Name of the kernel. */
  readonly name: string;
  /** Reference of the value whose op it works for. */
  readonly of: string;
  /** Invocations of a workgroup. */
  readonly workgroupSize: readonly [number, number, number];
  /** Workgroups. */
  readonly workgroups: readonly [number, number, number];
  /** What it sees, in the order of bindings. */
  readonly bindings: readonly GraphBinding[];
}

/** What a kernel sees through one binding. */
export interface GraphBinding {
  /** Name in the kernel's text. */
  readonly name: string;
  /**
   * Where it lies: a reference to an input, weight or constant, `output NAME`
   * of the template, or `slot N` of its temporary memory. A weight that is
   * split has `/part` at its end.
   */
  readonly place: string;
  /** Bytes of it; null for packed weights, whose size is their layout's. */
  readonly bytes: number | null;
  /** Whether the kernel writes it. */
  readonly isWritten: boolean;
}

/** A template's graph: one kind of block. */
export interface TemplateGraph {
  /** Name. */
  readonly name: string;
  /** Values handed in; `kind` tells states. */
  readonly inputs: readonly (NamedType & {
    readonly kind: "input" | "state";
  })[];
  /** Weights by path. */
  readonly weights: readonly GraphWeight[];
  /** Tables in the graph, named `#n`. */
  readonly constants: readonly NamedType[];
  /** Ops, operands first. */
  readonly ops: readonly GraphOp[];
  /** References of results by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Floating-point operations of one use. */
  readonly flops: number;
  /** Dispatches; only after planning. */
  readonly kernels?: readonly GraphKernel[];
  /** Bytes of its temporary slots; only after planning. */
  readonly slots?: readonly number[];
}

/** One use of a template. */
export interface GraphSegment {
  /** Index among the templates. */
  readonly template: number;
  /** Prefix of its weights' names. */
  readonly prefix: string;
  /** References of values of the program for the template's inputs. */
  readonly inputs: Readonly<Record<string, string>>;
  /** References that its results get. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** What planning found; see `ProgramPlan`. */
export interface GraphPlan {
  /** Name of the device that it is for. */
  readonly device: string;
  /** Layout of packed weights. */
  readonly layout: string;
  /** Dispatches of one run. */
  readonly dispatches: number;
  /** Bytes that the program holds beside weights and states. */
  readonly memory: Readonly<Record<string, number>>;
}

/** A program. */
export interface ProgramGraph {
  /** Name. */
  readonly name: string;
  /** What the host writes. */
  readonly inputs: readonly NamedType[];
  /** What outlives runs. */
  readonly states: readonly NamedType[];
  /** References of what the host may read, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Kinds of blocks. */
  readonly templates: readonly TemplateGraph[];
  /** Uses of them, in the order of execution. */
  readonly segments: readonly GraphSegment[];
  /** Floating-point operations of one run. */
  readonly flops: number;
  /** Only after planning. */
  readonly plan?: GraphPlan;
}
