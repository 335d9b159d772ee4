/**
 * Reads parts of buffers back to the host.
 *
 * @module
 */

import { dtypeBytes, type HostArray } from "../dtype.ts";
import { alignBytes, fromDeviceBytes } from "./buffers.ts";
import type { BufferRange } from "./resources.ts";

/**
 * Values of parts of buffers, through one staging buffer and one wait, which
 * `alongside` may share: it is called once the wait has begun.
 */
export async function readRanges(
  gpu: GPUDevice,
  ranges: readonly BufferRange[],
  alongside: () => Promise<void> | undefined,
): Promise<HostArray[]> {
  const spans = ranges.map(({ dtype, start, end }) => {
    const from = start * dtypeBytes(dtype);
    const first = from - from % 4;
    const bytes = end * dtypeBytes(dtype) - first;
    return { first, skip: from - first, bytes };
  });
  const total = spans.reduce((sum, { bytes }) => sum + alignBytes(bytes), 0);
  const staging = gpu.createBuffer({
    size: Math.max(16, total),
    usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
  });
  const encoder = gpu.createCommandEncoder();
  let at = 0;
  spans.forEach(({ first, bytes }, i) => {
    const { gpu: from } = ranges[i]!.buffer;
    const size = Math.ceil(bytes / 4) * 4;
    encoder.copyBufferToBuffer(from, first, staging, at, size);
    at += alignBytes(bytes);
  });
  gpu.queue.submit([encoder.finish()]);
  try {
    await Promise.all([staging.mapAsync(GPUMapMode.READ), alongside()]);
    const copy = staging.getMappedRange();
    at = 0;
    return spans.map(({ skip, bytes }, i) => {
      const { dtype, start, end } = ranges[i]!;
      const values = fromDeviceBytes(dtype, copy, at + skip, end - start);
      at += alignBytes(bytes);
      return values;
    });
  } finally {
    staging.destroy();
  }
}
