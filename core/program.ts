/**
 * Programs: what one run of a device does, as a list of segments. A segment
 * is a template bound to weights, states and values.
 *
 * @module
 */

import { RookeryError } from "./errors.ts";
import { storageRoot } from "./graph.ts";
import { type RewriteRule, rewriteTrace } from "./rewrite.ts";
import type { Shape } from "./shape.ts";
import {
  type InputType,
  packedWeights,
  type Template,
  type Trace,
  traceTemplate,
} from "./template.ts";
import type { Tensor, TensorType } from "./tensor.ts";

/** A value between segments. Two handles of one storage are one memory. */
export interface Value {
  /** Where it lives; shared by views and donated states. */
  readonly storage: Storage;
  /** Number type and sizes. */
  readonly type: TensorType;
}

/** Memory of a program. */
export interface Storage {
  /** Name for messages; names of inputs and states are unique. */
  readonly name: string;
  /** `input`: the host writes it; `state`: outlives runs; `local`: temporary. */
  readonly kind: "input" | "state" | "local";
  /** Number type and sizes of what it was made for. */
  readonly type: TensorType;
}

/** One use of a template. */
export interface Segment {
  /** Its graph. */
  readonly trace: Trace;
  /** Prefix of its weights' names, e.g. `"model.layers.3."`. */
  readonly prefix: string;
  /** Values for the trace's inputs, by name. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** Values that the trace's outputs become, by name. */
  readonly outputs: Readonly<Record<string, Value>>;
}

/** A weight that a program needs. */
export interface WeightNeed {
  /** Full name. */
  readonly name: string;
  /** Sizes. */
  readonly shape: Shape;
  /** Whether it is read in packed form. */
  readonly isPacked: boolean;
}

/** A finished program. */
export interface Program {
  /** Name for messages and profiles. */
  readonly name: string;
  /** Memory that the host writes. */
  readonly inputs: readonly Storage[];
  /** Memory that outlives runs. */
  readonly states: readonly Storage[];
  /** Values that the host may read after a run. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Work in order. */
  readonly segments: readonly Segment[];
  /**
   * A state u32 [1]: while it is 0, segments do nothing but for those that
   * write it. So runs that are queued cost little once there is nothing left
   * to do, and the host need not ask.
   */
  readonly guard?: Storage;
}

/** Options of `ProgramBuilder`. */
export interface ProgramOptions {
  /**
   * Labels of values wanted as outputs, as `PREFIXlabel`; `*` stands for any
   * run of characters. Each match becomes an output of that name.
   */
  readonly taps?: readonly string[];
  /** Rules that every graph is rewritten by; taps are results, so they stay. */
  readonly rewrites?: readonly RewriteRule[];
}

/** Puts a program together, segment by segment. */
export class ProgramBuilder {
  readonly #name: string;
  readonly #taps: readonly RegExp[];
  readonly #rewrites: readonly RewriteRule[];
  readonly #storages = new Map<string, Storage>();
  readonly #traces = new Map<Template, Map<string, Trace>>();
  readonly #segments: Segment[] = [];
  readonly #outputs: Record<string, Value> = {};
  #guard: Storage | undefined;

  /** Starts an empty program. */
  constructor(name: string, options: ProgramOptions = {}) {
    this.#name = name;
    this.#rewrites = options.rewrites ?? [];
    this.#taps = (options.taps ?? []).map((tap) =>
      new RegExp(`^${tap.split("*").map(RegExp.escape).join(".*")}$`)
    );
  }

  /** A value that the host writes before a run. */
  input(name: string, type: TensorType): Value {
    return this.#declare("input", name, type);
  }

  /** A value that outlives runs. */
  state(name: string, type: TensorType): Value {
    return this.#declare("state", name, type);
  }

  /** Uses a template with the weights below `prefix`; returns its results. */
  call(
    template: Template,
    prefix: string,
    inputs: Readonly<Record<string, Value>>,
  ): Record<string, Value> {
    return this.use(this.#trace(template, inputs), prefix, inputs);
  }

  /** Uses a graph that is traced already, as `call` does. */
  use(
    trace: Trace,
    prefix: string,
    inputs: Readonly<Record<string, Value>>,
  ): Record<string, Value> {
    const locals = new Map<Tensor, Storage>();
    const outputs: Record<string, Value> = {};
    for (const [name, tensor] of Object.entries(trace.outputs)) {
      const root = storageRoot(tensor);
      const { source } = root;
      const storage = source.kind === "input" || source.kind === "state"
        ? inputs[source.name]!.storage
        : locals.get(root) ??
          { name: `${prefix}${name}`, kind: "local" as const, type: root };
      locals.set(root, storage);
      outputs[name] = { storage, type: tensor };
    }
    this.#segments.push({ trace, prefix, inputs, outputs });
    return outputs;
  }

  /** Makes a value readable after a run. */
  output(name: string, value: Value): void {
    this.#outputs[name] = value;
  }

  /** Makes a state the guard of the whole program; see `Program.guard`. */
  guard({ storage }: Value): void {
    this.#guard = storage;
  }

  /** The finished program. */
  build(): Program {
    const storages = [...this.#storages.values()];
    return {
      name: this.#name,
      inputs: storages.filter((storage) => storage.kind === "input"),
      states: storages.filter((storage) => storage.kind === "state"),
      outputs: { ...this.#outputs, ...this.#tapped() },
      segments: this.#segments,
      ...(this.#guard === undefined ? {} : { guard: this.#guard }),
    };
  }

  #declare(kind: "input" | "state", name: string, type: TensorType): Value {
    const known = this.#storages.get(name);
    if (known !== undefined) {
      throw new RookeryError(
        "config",
        `Cannot declare ${kind} ${name} of program ${this.#name} twice`,
        { path: name },
      );
    }
    const storage: Storage = { name, kind, type };
    this.#storages.set(name, storage);
    return { storage, type };
  }

  #trace(template: Template, inputs: Readonly<Record<string, Value>>): Trace {
    const types: Record<string, InputType> = {};
    for (const [name, { storage, type }] of Object.entries(inputs)) {
      const { dtype, shape } = type;
      types[name] = { dtype, shape, isState: storage.kind === "state" };
    }
    const key = JSON.stringify(types);
    const traces = this.#traces.get(template) ?? new Map<string, Trace>();
    this.#traces.set(template, traces);
    const trace = traces.get(key) ??
      rewriteTrace(this.#tapTrace(template, types), this.#rewrites);
    traces.set(key, trace);
    return trace;
  }

  /** A trace whose labelled values are outputs too where a tap may want them. */
  #tapTrace(
    template: Template,
    types: Readonly<Record<string, InputType>>,
  ): Trace {
    const trace = traceTemplate(template, types);
    if (this.#taps.length === 0 || trace.labels.size === 0) return trace;
    return {
      ...trace,
      outputs: { ...trace.outputs, ...Object.fromEntries(trace.labels) },
    };
  }

  #tapped(): Record<string, Value> {
    const found: Record<string, Value> = {};
    for (const { trace, prefix, outputs } of this.#segments) {
      for (const label of trace.labels.keys()) {
        const name = prefix + label;
        if (!this.#taps.some((tap) => tap.test(name))) continue;
        found[name] = outputs[label]!;
      }
    }
    return found;
  }
}

/** Whether a segment does nothing while its program's guard is 0. */
export function isGuarded(
  { outputs }: Segment,
  { guard }: Program,
): boolean {
  return guard !== undefined &&
    Object.values(outputs).every(({ storage }) => storage !== guard);
}

/** Every weight that some programs need, once each. */
export function weightNeeds(programs: Iterable<Program>): WeightNeed[] {
  const needs = new Map<string, WeightNeed>();
  for (const program of programs) {
    for (const { trace, prefix } of program.segments) {
      const packed = packedWeights(trace);
      for (const [path, { shape }] of trace.weights) {
        const name = prefix + path;
        needs.set(name, { name, shape, isPacked: packed.has(path) });
      }
    }
  }
  return [...needs.values()];
}
