/**
 * All benches by name; a new one is an entry here.
 *
 * @module
 */

import type { Device } from "../core/device.ts";
import { benchBatch } from "./batch_bench.ts";
import { benchBeams } from "./beams_bench.ts";
import { benchLanguageModel } from "./language_model_bench.ts";
import { benchMatmul } from "./matmul_bench.ts";
import { benchMediaCache, benchPrefix } from "./prefix_bench.ts";
import type { BenchRow } from "./row.ts";
import { benchSoak } from "./soak_bench.ts";
import { benchStream } from "./stream_bench.ts";

/** A bench. */
export interface Bench {
  /** Name at the shell. */
  readonly name: string;
  /** One sentence for help. */
  readonly help: string;
  /** Whether it runs where no name is given. */
  readonly isDefault?: boolean;
  /** Measures. */
  run(device: Device): Promise<readonly BenchRow[]>;
}

/** The benches, in the order in which they run. */
export const BENCHES: readonly Bench[] = [
  {
    name: "matmul",
    help: "Product of two f32 matrices of 1024 × 1024",
    isDefault: true,
    run: async (device) => [await benchMatmul(device, 1024)],
  },
  {
    name: "language-model",
    help: "Prefill and decode of the default language model",
    isDefault: true,
    run: benchLanguageModel,
  },
  {
    name: "batch",
    help: "Eight requests in one changing batch against one after the other",
    run: benchBatch,
  },
  {
    name: "beams",
    help: "Beam search of width 4 against four greedy rows",
    run: benchBeams,
  },
  {
    name: "prefix",
    help: "A question after 32 shots that are known against one without shots",
    run: benchPrefix,
  },
  {
    name: "media-cache",
    help: "A picture that is known against a new one",
    run: benchMediaCache,
  },
  {
    name: "stream",
    help: "A checkpoint of 2 GiB with its layers streamed through 1 GiB",
    run: benchStream,
  },
  {
    name: "soak",
    help: "10,000 generations of mixed shape on a tiny model: memory",
    run: benchSoak,
  },
];
