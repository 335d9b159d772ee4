/**
 * Pipelines, one per distinct source text.
 *
 * @module
 */

import { RookeryError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import { noted, type Profiler } from "../profile/profiler.ts";

/** A compiled kernel. */
export interface Pipeline {
  /** The pipeline. */
  readonly gpu: GPUComputePipeline;
  /** Layout of its bind group. */
  readonly layout: GPUBindGroupLayout;
}

/** Compiles kernels and keeps them by their text. */
export class PipelineCache {
  readonly #gpu: GPUDevice;
  readonly #profiler: Profiler | undefined;
  readonly #pipelines = new Map<string, Promise<Pipeline>>();

  /** Starts empty; compilations are noted where there is a profiler. */
  constructor(gpu: GPUDevice, profiler?: Profiler) {
    this.#gpu = gpu;
    this.#profiler = profiler;
  }

  /** Number of distinct kernels compiled so far. */
  get size(): number {
    return this.#pipelines.size;
  }

  /** The pipeline of a kernel; `path` names the place for messages. */
  get(kernel: Kernel, source: string, path: string): Promise<Pipeline> {
    const known = this.#pipelines.get(source);
    if (known !== undefined) return known;
    const made = noted(
      this.#profiler,
      ["compile", kernel.name],
      () => this.#compile(kernel, source, path),
    );
    this.#pipelines.set(source, made);
    return made;
  }

  async #compile(
    kernel: Kernel,
    source: string,
    path: string,
  ): Promise<Pipeline> {
    const gpu = this.#gpu;
    gpu.pushErrorScope("validation");
    const layout = gpu.createBindGroupLayout({
      label: kernel.name,
      entries: layoutEntries(kernel),
    });
    const module = gpu.createShaderModule({ label: kernel.name, code: source });
    const pipeline = gpu.createComputePipeline({
      label: kernel.name,
      layout: gpu.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    const error = await gpu.popErrorScope();
    if (error === null) return { gpu: pipeline, layout };
    throw new RookeryError(
      "shader",
      `Cannot compile kernel ${kernel.name} at ${path} as the device refuses ` +
        `it: ${error.message}`,
      { op: kernel.name, path, actual: source },
    );
  }
}

function layoutEntries(kernel: Kernel): GPUBindGroupLayoutEntry[] {
  const visibility = GPUShaderStage.COMPUTE;
  const entries: GPUBindGroupLayoutEntry[] = kernel.bindings.map((
    binding,
    i,
  ) => ({
    binding: i + 1,
    visibility,
    buffer: { type: binding.isWritten ? "storage" : "read-only-storage" },
  }));
  if (Object.keys(kernel.params).length > 0) {
    entries.unshift({ binding: 0, visibility, buffer: { type: "uniform" } });
  }
  return entries;
}
