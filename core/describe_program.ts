/**
 * From a program to plain data, before planning and after it.
 *
 * @module
 */

import { operandsOf, storageRoot } from "./graph.ts";
import { opOf } from "./op.ts";
import type { Program, Storage, Value } from "./program.ts";
import { programCost, traceCost } from "./program_cost.ts";
import type {
  GraphBinding,
  GraphKernel,
  GraphOp,
  GraphPlan,
  NamedType,
  ProgramGraph,
  TemplateGraph,
} from "./program_graph.ts";
import { packedWeights, type Trace } from "./template.ts";
import type { Tensor, TensorType } from "./tensor.ts";
import type { ProgramPlan } from "./webgpu/plan_program.ts";
import type {
  ChosenKernel,
  KernelChoice,
  PlacedBinding,
} from "./webgpu/trace_plan.ts";

/** A program's plan, and what it is for. */
export interface DescribedPlan extends Pick<GraphPlan, "device" | "layout"> {
  /** The plan. */
  readonly plan: ProgramPlan;
}

/** A program as plain data; with what planning found, if that is given. */
export function describeProgram(
  program: Program,
  planned?: DescribedPlan,
): ProgramGraph {
  const { name, inputs, states, outputs, segments } = program;
  const traces = [...new Set(segments.map(({ trace }) => trace))];
  const refer = programReferences();
  const referAll = (values: Readonly<Record<string, Value>>) =>
    mapValues(values, ({ storage }) => refer(storage));
  return {
    name,
    inputs: inputs.map(({ name, type }) => namedType(name, type)),
    states: states.map(({ name, type }) => namedType(name, type)),
    templates: traces.map((trace) =>
      describeTrace(trace, planned?.plan.kernels.get(trace))
    ),
    segments: segments.map(({ trace, prefix, inputs, outputs }) => ({
      template: traces.indexOf(trace),
      prefix,
      inputs: referAll(inputs),
      outputs: referAll(outputs),
    })),
    outputs: referAll(outputs),
    flops: programCost(program).flops,
    ...(planned === undefined ? {} : { plan: planOf(planned) }),
  };
}

function planOf({ device, layout, plan }: DescribedPlan): GraphPlan {
  const { dispatches, memory } = plan;
  return { device, layout, dispatches, memory: { ...memory } };
}

/** References of a program's memory; two values in one are one reference. */
function programReferences(): (storage: Storage) => string {
  const numbers = new Map<Storage, number>();
  return (storage) => {
    if (storage.kind === "input") return `$${storage.name}`;
    if (storage.kind === "state") return `&${storage.name}`;
    const number = numbers.get(storage) ?? numbers.size;
    numbers.set(storage, number);
    return `%${number}`;
  };
}

function describeTrace(
  trace: Trace,
  choice: KernelChoice | undefined,
): TemplateGraph {
  const packed = packedWeights(trace);
  const references = traceReferences(trace);
  const refer = (tensor: Tensor) => references.get(tensor)!;
  const constants = trace.order.filter(({ source }) =>
    source.kind === "constant"
  );
  return {
    name: trace.name,
    inputs: Object.entries(trace.inputs).map(([name, tensor]) => ({
      ...namedType(name, tensor),
      kind: tensor.source.kind === "state" ? "state" : "input",
    })),
    weights: [...trace.weights].map(([path, tensor]) => ({
      ...namedType(path, tensor),
      isPacked: packed.has(path),
    })),
    constants: constants.map((tensor) => namedType(refer(tensor), tensor)),
    ops: trace.order.filter((tensor) => opOf(tensor) !== undefined)
      .map((tensor) => describeOp(tensor, refer)),
    outputs: mapValues(trace.outputs, refer),
    flops: traceCost(trace).flops,
    ...(choice === undefined ? {} : {
      kernels: choice.kernels.map((kernel) =>
        describeKernel(kernel, { trace, refer })
      ),
      slots: choice.temporaries,
    }),
  };
}

function traceReferences({ order }: Trace): Map<Tensor, string> {
  const references = new Map<Tensor, string>();
  let values = 0, constants = 0;
  for (const tensor of order) {
    const { source } = tensor;
    const reference = source.kind === "op"
      ? `%${values++}`
      : source.kind === "constant"
      ? `#${constants++}`
      : `${SIGNS[source.kind]}${source.name}`;
    references.set(tensor, reference);
  }
  return references;
}

const SIGNS = { input: "$", state: "&", weight: "@" } as const;

function describeOp(
  tensor: Tensor,
  refer: (tensor: Tensor) => string,
): GraphOp {
  const op = opOf(tensor)!, operands = operandsOf(tensor);
  const attrs = tensor.source.kind === "op" ? tensor.source.attrs : {};
  const { dtype, shape, label } = tensor;
  return {
    id: refer(tensor),
    op: op.name,
    operands: operands.map(refer),
    attrs: plainAttrs(attrs),
    dtype,
    shape,
    ...(label === undefined ? {} : { label }),
    flops: op.cost(operands, tensor, attrs).flops,
  };
}

/** Attributes that JSON can hold; infinities as text, ops by their names. */
function plainAttrs(attrs: unknown): Record<string, unknown> {
  const entries = Object.entries(attrs as object).filter(([, value]) =>
    value !== undefined
  );
  return Object.fromEntries(
    entries.map(([key, value]) => [key, plainValue(value)]),
  );
}

function plainValue(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return String(value);
  }
  if (typeof value === "function") return value.name;
  const isNested = typeof value === "object" && value !== null &&
    !Array.isArray(value);
  return isNested ? plainAttrs(value) : value;
}

function describeKernel(
  { kernel, tensor, bindings, workgroups }: ChosenKernel,
  { trace, refer }: PlaceNames,
): GraphKernel {
  return {
    name: kernel.name,
    of: refer(tensor),
    workgroupSize: kernel.workgroupSize,
    workgroups,
    bindings: bindings.map((placed, i): GraphBinding => {
      const { name, isWritten = false } = kernel.bindings[i]!;
      const place = placeName(placed, { trace, refer });
      return { name, place, bytes: placed.bytes || null, isWritten };
    }),
  };
}

/** What places are named by. */
interface PlaceNames {
  readonly trace: Trace;
  readonly refer: (tensor: Tensor) => string;
}

function placeName(
  { place }: PlacedBinding,
  { trace, refer }: PlaceNames,
): string {
  switch (place.kind) {
    case "input":
      return refer(trace.inputs[place.name]!);
    case "output":
      return `output ${place.name}`;
    case "weight":
      return `@${place.name}${place.part === 0 ? "" : `/${place.part}`}`;
    case "constant":
      return refer(storageRoot(place.tensor));
    case "temporary":
      return `slot ${place.slot}`;
    case "guard":
      return "guard";
  }
}

function namedType(name: string, { dtype, shape }: TensorType): NamedType {
  return { name, dtype, shape };
}

function mapValues<From, To>(
  values: Readonly<Record<string, From>>,
  map: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, map(value)]),
  );
}
