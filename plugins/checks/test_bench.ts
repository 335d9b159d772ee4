/**
 * Runs programs with made-up or given weights on all devices of a check, and
 * notes where results are not finite or not alike.
 *
 * @module
 */

import type { Device, DeviceWeight } from "../../core/device.ts";
import type { HostArray } from "../../core/dtype.ts";
import {
  type Program,
  type WeightNeed,
  weightNeeds,
} from "../../core/program.ts";
import { isSameShape, showShape } from "../../core/shape.ts";
import type { TensorType } from "../../core/tensor.ts";
import { loadWeights } from "../load_weights.ts";
import type { SlotName, TensorMap } from "../plugin.ts";
import { madeWeight } from "./made_values.ts";

/** Most that devices may differ, over the largest magnitude or 1. */
const DEVICE_TOLERANCE = 1e-3;

/** Results by name. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** Runs one part's programs. */
export class TestBench implements Disposable {
  /** The devices, the CPU device first. */
  readonly devices: readonly Device[];
  /** What was found wrong with results, in words. */
  readonly faults: string[] = [];
  readonly #prefix: string;
  readonly #tensors: TensorMap | undefined;
  readonly #held = new DisposableStack();
  readonly #weights = new Map<Device, Map<string, DeviceWeight>>();

  /** Weights come from `tensors`, or are made up. */
  constructor(
    devices: readonly Device[],
    slot: SlotName,
    tensors: TensorMap | undefined,
  ) {
    this.devices = devices;
    this.#prefix = `${slot}/`;
    this.#tensors = tensors;
  }

  /** Results of the first device; the others' are compared with them. */
  async run(
    program: Program,
    inputs: Readonly<Record<string, HostArray>>,
  ): Promise<Outputs> {
    let first: Outputs | undefined;
    for (const device of this.devices) {
      const own = await this.#runOn(device, program, inputs);
      if (first === undefined) this.#checkFinite(program.name, first = own);
      else this.compare(program.name, device, { own, first });
    }
    return first!;
  }

  /** Notes where a device's results are not those of the first. */
  compare(
    name: string,
    { profile }: Device,
    { own, first }: { readonly own: Outputs; readonly first: Outputs },
  ): void {
    for (const [output, values] of Object.entries(first)) {
      const most = largestDifference(own[output]!, values);
      const limit = DEVICE_TOLERANCE * Math.max(1, largest(values));
      if (most <= limit) continue; // NaN is not
      this.faults.push(
        `${output} of ${name} differs by ${most} on ${profile.name}: at most ` +
          `${limit.toPrecision(2)} may be rounding`,
      );
    }
  }

  /** Weights of a device for some needs. */
  async weightsOn(
    device: Device,
    needs: readonly WeightNeed[],
  ): Promise<ReadonlyMap<string, DeviceWeight>> {
    const known = this.#weights.get(device) ?? new Map<string, DeviceWeight>();
    this.#weights.set(device, known);
    const matched = needs.filter(({ name }) => !known.has(name))
      .map((need) => ({ need, stored: this.#stored(need) }));
    const loaded = await loadWeights(device, matched, { dtype: "f32" });
    for (const [name, weight] of loaded) {
      known.set(name, this.#held.use(weight));
    }
    return known;
  }

  /** Fails unless a given file has all needed tensors and no others. */
  checkTensors(needs: readonly WeightNeed[]): void {
    if (this.#tensors === undefined) return;
    const names = needs.map(({ name }) => this.#plain(name));
    const faults = needs.flatMap(({ name, shape }, i) => {
      const found = this.#tensors!.get(names[i]!)?.shape;
      if (found && isSameShape(found, shape)) return [];
      const given = found ? showShape(found) : "missing";
      return [`${this.#plain(name)} is ${given}, not ${showShape(shape)}`];
    });
    for (const name of this.#tensors.keys()) {
      if (!names.includes(name)) faults.push(`${name} is left over`);
    }
    if (faults.length > 0) throw new Error(faults.join("; "));
  }

  /** Releases the weights; the devices stay. */
  [Symbol.dispose](): void {
    this.#held.dispose();
  }

  #plain(name: string): string {
    return name.slice(this.#prefix.length);
  }

  #stored({ name, shape }: WeightNeed) {
    const given = this.#tensors?.get(this.#plain(name));
    return given && isSameShape(given.shape, shape)
      ? given
      : madeWeight(name, shape);
  }

  async #runOn(
    device: Device,
    program: Program,
    inputs: Readonly<Record<string, HostArray>>,
  ): Promise<Outputs> {
    using held = new DisposableStack();
    const weights = await this.weightsOn(device, weightNeeds([program]));
    const states = new Map(
      program.states.map(({ name, type }) => [
        name,
        held.use(device.createArray(type, name)),
      ]),
    );
    const compiled = held.use(
      await device.compile(program, { weights, states }),
    );
    for (const [name, values] of Object.entries(inputs)) {
      compiled.write(name, values);
    }
    await compiled.run();
    const names = Object.keys(program.outputs);
    const read = await compiled.read(...names);
    return Object.fromEntries(names.map((name, i) => [
      name,
      Float32Array.from(read[i] as Float32Array),
    ]));
  }

  #checkFinite(name: string, outputs: Outputs): void {
    for (const [output, values] of Object.entries(outputs)) {
      const at = values.findIndex((value) => !Number.isFinite(value));
      if (at < 0) continue;
      this.faults.push(`${output} of ${name} has ${values[at]} at ${at}`);
    }
  }
}

/** Fails unless an output is there, f32 and of this shape. */
export function mustHaveShape(
  name: string,
  type: TensorType | undefined,
  shape: readonly number[],
  dtype: TensorType["dtype"] = "f32",
): void {
  if (type === undefined) throw new Error(`there is no output ${name}`);
  if (isSameShape(type.shape, shape) && type.dtype === dtype) return;
  throw new Error(
    `${name} is ${type.dtype} ${showShape(type.shape)}: it must be ${dtype} ` +
      showShape(shape),
  );
}

/** Fails unless two programs need the same weights. */
export function mustNeedTheSame(one: Program, other: Program): void {
  const [a, b] = [one, other].map((program) =>
    weightNeeds([program]).map(({ name, shape }) =>
      `${name} ${showShape(shape)}`
    )
  ) as [string[], string[]];
  const odd = a.filter((need) => !b.includes(need))
    .concat(b.filter((need) => !a.includes(need)));
  if (odd.length === 0) return;
  throw new Error(
    `weights depend on the inputs' sizes: ${odd.join(", ")} differ between ` +
      `${one.name} and ${other.name}`,
  );
}

/** Fails unless two results are alike up to rounding. */
export function mustBeAlike(
  what: string,
  own: ArrayLike<number>,
  expected: ArrayLike<number>,
): void {
  const most = largestDifference(own, expected);
  const limit = 1e-4 * Math.max(1, largest(expected));
  if (most <= limit) return;
  throw new Error(`${what} by ${most}: at most ${limit.toPrecision(2)} may be`);
}

/** Fails where two results are alike. */
export function mustDiffer(
  what: string,
  own: ArrayLike<number>,
  other: ArrayLike<number>,
): void {
  if (!(largestDifference(own, other) === 0)) return;
  throw new Error(what);
}

function largestDifference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= most)) most = difference;
    if (Number.isNaN(most)) return NaN;
  }
  return most;
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    most = Math.max(most, Math.abs(values[i]!));
  }
  return most;
}
