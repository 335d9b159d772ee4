/**
 * Runs one kernel text on the default adapter, for tests of kernel texts that
 * stand below the executor.
 *
 * @module
 */

import type { Kernel, Operand } from "../../core/kernel.ts";
import { packParams, writeWgsl } from "../../core/wgsl.ts";

/** A device for kernel texts. */
export interface BareGpu {
  /** The WebGPU device. */
  readonly device: GPUDevice;
  /** Whether lanes may exchange values. */
  readonly hasSubgroups: boolean;
}

/** Opens the default adapter; undefined where none answers. */
export async function openBareGpu(): Promise<BareGpu | undefined> {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) return undefined;
  try {
    // Hidden in `adapter.features` of Deno 2.9, but granted on request.
    const requiredFeatures = ["subgroups" as GPUFeatureName];
    const device = await adapter.requestDevice({ requiredFeatures });
    return { device, hasSubgroups: true };
  } catch {
    const again = await navigator.gpu.requestAdapter();
    if (!again) return undefined;
    return { device: await again.requestDevice(), hasSubgroups: false };
  }
}

/** What a run needs beside the kernel. */
export interface WgslRun {
  /** Operands, for their types. */
  readonly inputs: readonly Operand[];
  /** The result's type. */
  readonly output: Operand;
  /** Bytes of every binding in order; the output's may be a size. */
  readonly data: readonly (Uint8Array<ArrayBuffer> | number)[];
}

/** Runs a kernel once and gives the bytes of its written binding. */
export async function runWgsl(
  gpu: BareGpu,
  kernel: Kernel,
  run: WgslRun,
): Promise<ArrayBuffer> {
  const { device } = gpu;
  device.pushErrorScope("validation");
  const code = writeWgsl(kernel, run.inputs, run.output);
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module: device.createShaderModule({ code }) },
  });
  const uniform = createFilled(device, packParams(kernel), UNIFORM);
  const buffers = run.data.map((data) => createFilled(device, data, STORAGE));
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [uniform, ...buffers].map((buffer, binding) => ({
      binding,
      resource: { buffer },
    })),
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(...kernel.workgroups);
  pass.end();
  const written = buffers[kernel.bindings.findIndex((b) => b.isWritten)]!;
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const copy = device.createBuffer({ size: written.size, usage });
  encoder.copyBufferToBuffer(written, 0, copy, 0, written.size);
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  if (error) throw new Error(`${error.message}\n${code}`);
  await copy.mapAsync(GPUMapMode.READ);
  const bytes = copy.getMappedRange().slice(0);
  for (const buffer of [uniform, ...buffers, copy]) buffer.destroy();
  return bytes;
}

const UNIFORM = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
const STORAGE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST |
  GPUBufferUsage.COPY_SRC;

function createFilled(
  device: GPUDevice,
  data: Uint8Array<ArrayBuffer> | number,
  usage: number,
): GPUBuffer {
  const bytes = typeof data === "number" ? data : data.length;
  const size = Math.max(16, Math.ceil(bytes / 16) * 16);
  const buffer = device.createBuffer({ size, usage });
  if (typeof data !== "number") {
    const padded = new Uint8Array(size);
    padded.set(data);
    device.queue.writeBuffer(buffer, 0, padded);
  }
  return buffer;
}
