/**
 * Runs one graph once on a device: for tests, probes and small computations.
 *
 * @module
 */

import type { Device, DeviceArray, DeviceWeight } from "./device.ts";
import type { HostArray } from "./dtype.ts";
import { orderOf } from "./graph.ts";
import type { PackedLayout } from "./layouts/layout.ts";
import {
  type Program,
  ProgramBuilder,
  type Value,
  weightNeeds,
} from "./program.ts";
import type { StoredTensor } from "./stored_tensor.ts";
import { type Tensors, traceGraph } from "./template.ts";
import type { Tensor } from "./tensor.ts";
import type { LeafValues } from "./evaluate.ts";

/** Options of `evaluateOn`. */
export interface EvaluateOnOptions {
  /** Layout of packed weights. */
  readonly layout?: PackedLayout;
}

/**
 * Values of `outputs` on a device. Leaves get their values from `leafValues`;
 * a donated state's new value is an output like any other.
 */
export async function evaluateOn(
  device: Device,
  outputs: readonly Tensor[],
  leafValues: LeafValues,
  options: EvaluateOnOptions = {},
): Promise<HostArray[]> {
  const leaves = orderOf(outputs).filter(({ source }) =>
    source.kind !== "op" && source.kind !== "constant"
  );
  const results = Object.fromEntries(outputs.map((t, i) => [`y${i}`, t]));
  const program = wrap(leaves, results);
  using held = new DisposableStack();
  const weights = new Map<string, DeviceWeight>();
  const states = new Map<string, DeviceArray>();
  for (const need of weightNeeds([program])) {
    const values = leafValues(find(leaves, need.name)) as Float32Array<
      ArrayBuffer
    >;
    const layout = need.isPacked ? options.layout : undefined;
    const weight = await device.loadWeight(
      need,
      inMemory(need.name, need.shape, values),
      layout,
    );
    weights.set(need.name, held.use(weight));
  }
  for (const { name, type } of program.states) {
    const state = held.use(device.createArray(type, name));
    state.write(leafValues(find(leaves, name)));
    states.set(name, state);
  }
  const executable = held.use(
    await device.compile(program, { weights, states }),
  );
  for (const { name } of program.inputs) {
    executable.write(name, leafValues(find(leaves, name)));
  }
  await executable.run();
  return await executable.read(...Object.keys(results));
}

function find(leaves: readonly Tensor[], name: string): Tensor {
  return leaves.find(({ source }) => "name" in source && source.name === name)!;
}

/** A program of one segment around a graph that somebody else built. */
function wrap(leaves: readonly Tensor[], outputs: Tensors): Program {
  const builder = new ProgramBuilder("graph");
  const inputs: Record<string, Tensor> = {};
  const values: Record<string, Value> = {};
  const weights = new Map<string, Tensor>();
  for (const tensor of leaves) {
    const { source } = tensor;
    if (source.kind === "op" || source.kind === "constant") continue;
    if (source.kind === "weight") weights.set(source.name, tensor);
    else {
      inputs[source.name] = tensor;
      values[source.name] = builder[source.kind](source.name, tensor);
    }
  }
  const trace = traceGraph("graph", inputs, weights, outputs);
  const results = builder.use(trace, "", values);
  for (const [name, value] of Object.entries(results)) {
    builder.output(name, value);
  }
  return builder.build();
}

/** A float tensor in memory, as a checkpoint would offer it. */
export function inMemory(
  name: string,
  shape: readonly number[],
  values: Float32Array<ArrayBuffer>,
): StoredTensor {
  const bytes = new Uint8Array(
    values.buffer,
    values.byteOffset,
    values.byteLength,
  );
  return {
    name,
    shape,
    format: "f32",
    sizeBytes: bytes.length,
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  };
}
