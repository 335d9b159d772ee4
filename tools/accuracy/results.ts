/**
 * What was measured, as it is kept between runs.
 *
 * @module
 */

import { rootUrl } from "../../tests/architecture/source_files.ts";
import type { Accuracy, Mode } from "./measure_case.ts";
import type { CaptionAccuracy } from "./measure_captions.ts";
import type { ToldAccuracy } from "./told.ts";

/** Accuracies of one device by case and precision. */
export type DeviceResults = Readonly<
  Record<string, Readonly<Partial<Record<Mode, Accuracy>>>>
>;

/** All that is kept. */
export interface AccuracyResults {
  /** By name of the device. */
  readonly devices: Readonly<Record<string, DeviceResults>>;
  /** The real language model on real text. */
  readonly text: readonly ToldAccuracy[];
  /** The default model on pictures. */
  readonly captions: readonly CaptionAccuracy[];
}

const PATH = "docs/accuracy.json";

/** Results of earlier runs; empty ones before the first. */
export async function readResults(): Promise<AccuracyResults> {
  try {
    return JSON.parse(await Deno.readTextFile(rootUrl(PATH)));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      return { devices: {}, text: [], captions: [] };
    }
    throw error;
  }
}

/** Keeps results; numbers are cut to five digits. */
export async function writeResults(results: AccuracyResults): Promise<void> {
  const short = (_: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value)
      ? Number(value.toPrecision(5))
      : value;
  const json = JSON.stringify(results, short, 1);
  await Deno.writeTextFile(rootUrl(PATH), `${json}\n`);
}
