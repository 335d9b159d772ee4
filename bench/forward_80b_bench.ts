/**
 * One full forward pass of a model whose weights no machine here holds: 8
 * tokens that see 2 pictures, made-up weights, layers streamed. The prediction
 * is made first, from rates measured in the same run.
 *
 * @module
 */

import { createDevice } from "../core/create_device.ts";
import type { Device } from "../core/device.ts";
import { showBytes } from "../core/memory.ts";
import type { Flamingo } from "../models/flamingo/flamingo.ts";
import { assemble } from "../plugins/assemble.ts";
import {
  type ForwardRates,
  measureForwardRates,
} from "../plugins/forward_rates.ts";
import { outlineModel } from "../plugins/outline_model.ts";
import {
  type ForwardPlan,
  predictForward,
} from "../plugins/predict_forward.ts";

const SHAPE = { tokens: 8, pictures: 2 } as const;
const SEED = 80;
/** The largest that these models need with room for the process itself. */
const BUDGET_BYTES = 20 * 2 ** 30;

/** What a forward pass took, beside what was predicted. */
export interface ForwardResult {
  /** Preset. */
  readonly model: string;
  /** Device. */
  readonly device: string;
  /** Measured rates. */
  readonly rates: ForwardRates;
  /** The prediction. */
  readonly predicted: ForwardPlan;
  /** Seconds of its stages. */
  readonly seconds: Readonly<
    Record<"load" | "pictures" | "text" | "forward", number>
  >;
  /** Most bytes that the device held. */
  readonly heldBytes: number;
  /** Largest memory of the process, in bytes; null where nobody tells. */
  readonly peakRssBytes: number | null;
  /** 10⁹ operations a second of the forward pass. */
  readonly gflops: number;
  /** The same of the device's product of 8 rows, measured in the same run. */
  readonly limitGflops: number;
  /** Measured over predicted. */
  readonly ratio: Readonly<Record<"seconds" | "bytes", number>>;
  /** Least and greatest logit; all are finite. */
  readonly logits: readonly [number, number];
}

/** Runs one model and reports each step on stderr. */
export async function benchForward(model: string): Promise<ForwardResult> {
  using device = await createDevice({ memoryBytes: BUDGET_BYTES });
  const rates = await measureForwardRates(device, "q4_1");
  const outline = await outlineModel(model);
  const { profile } = device;
  const predicted = predictForward(outline, {
    ...SHAPE,
    dtype: "int4",
    profile,
    rates,
  });
  note(`${model}: ${predictionText(predicted, rates)}`);
  const begin = performance.now();
  using opened = await assemble(model, {
    device,
    synthetic: SEED,
    streamLayers: true,
    dtype: "q4_1",
    engine: {
      tokens: predicted.context,
      context: predicted.context,
      pictures: SHAPE.pictures,
    },
  });
  await settle(device);
  const load = (performance.now() - begin) / 1000;
  note(`loaded in ${load.toFixed(1)} s, ${showBytes(device.memory.heldBytes)}`);
  const { pictures, text, logits } = await runForward(opened);
  const forward = pictures + text;
  const { total } = predicted.bytes;
  const { heldBytes } = device.memory;
  return {
    model,
    device: profile.name,
    rates,
    predicted,
    seconds: { load, pictures, text, forward },
    heldBytes,
    peakRssBytes: peakRss(),
    gflops: predicted.flops / forward / 1e9,
    limitGflops: rates.flops.narrow / 1e9,
    ratio: { seconds: forward / predicted.seconds!, bytes: heldBytes / total },
    logits,
  };
}

async function runForward({ engine }: Flamingo) {
  const { px } = engine.stack.eyes!.vision;
  const sequence = engine.open();
  const start = performance.now();
  for (let i = 0; i < SHAPE.pictures; i++) {
    const pixels = Float32Array.from(
      { length: 3 * px * px },
      (_, at) => Math.sin(at * (i + 1)),
    );
    await engine.addPictures(sequence, [pixels]);
  }
  const encoded = performance.now();
  note(`pictures in ${((encoded - start) / 1000).toFixed(1)} s`);
  const tokens = Array.from({ length: SHAPE.tokens }, (_, i) => 100 + 7 * i);
  const media = tokens.map((_, i) => i < SHAPE.tokens / 2 ? 1 : 2);
  const logits = await engine.logits(sequence, { tokens, media });
  const done = performance.now();
  let least = Infinity, most = -Infinity;
  for (const value of logits) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return {
    pictures: (encoded - start) / 1000,
    text: (done - encoded) / 1000,
    logits: [least, most] as const,
  };
}

/** Waits until the device has done all that was asked of it. */
async function settle(device: Device): Promise<void> {
  using array = device.createArray({ dtype: "f32", shape: [4] }, "wait");
  await array.read();
}

function peakRss(): number | null {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]);
  } catch {
    return null;
  }
}

function predictionText(
  { seconds, flops, bytes }: ForwardPlan,
  { flops: rates, fillBytes }: ForwardRates,
): string {
  const giga = (value: number) => (value / 1e9).toFixed(1);
  return `predicted ${seconds!.toFixed(1)} s, ${giga(flops)} GFLOP, ` +
    `${showBytes(bytes.total)} held, ${showBytes(bytes.moved)} moved; rates ` +
    Object.entries(rates).map(([kind, rate]) => `${kind} ${giga(rate)}`)
      .join(", ") +
    ` GFLOP/s, fill ${giga(fillBytes)} GB/s`;
}

/** A result in words. */
export function showForward(result: ForwardResult): string {
  const { model, device, seconds, predicted, gflops, limitGflops } = result;
  const { ratio, peakRssBytes, heldBytes, logits } = result;
  return [
    `${model}: ${SHAPE.tokens} tokens, ${SHAPE.pictures} pictures on ${device}`,
    `  forward   ${seconds.forward.toFixed(1)} s (pictures ` +
    `${seconds.pictures.toFixed(1)}, text ${seconds.text.toFixed(1)}; load ` +
    `${seconds.load.toFixed(1)}), predicted ${
      predicted.seconds!.toFixed(1)
    }: ` +
    `ratio ${ratio.seconds.toFixed(2)}`,
    `  speed     ${gflops.toFixed(1)} GFLOP/s; a product of 8 rows makes ` +
    `${limitGflops.toFixed(1)}`,
    `  memory    ${showBytes(heldBytes)} held, predicted ` +
    `${showBytes(predicted.bytes.total)}: ratio ${ratio.bytes.toFixed(2)}; ` +
    `${showBytes(predicted.bytes.moved)} moved; process at most ` +
    (peakRssBytes === null ? "unknown" : showBytes(peakRssBytes)),
    `  logits    ${logits[0].toFixed(3)} to ${logits[1].toFixed(3)}`,
  ].join("\n");
}

function note(text: string): void {
  console.error(text);
}
