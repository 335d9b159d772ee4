/**
 * Buffers with a name, booked in the ledger, released once.
 *
 * @module
 */

import { createHostArray, dtypeBytes, type HostArray } from "../dtype.ts";
import type { DType } from "../dtype.ts";
import { RookeryError } from "../errors.ts";
import { type MemoryLedger, showBytes } from "../memory.ts";

/** A device buffer and its place in the ledger. */
export interface DeviceBuffer extends Disposable {
  /** The WebGPU buffer. */
  readonly gpu: GPUBuffer;
  /** Its size; a multiple of 16. */
  readonly bytes: number;
}

/** Bytes rounded up so that vec4 views and copies always fit. */
export function alignBytes(bytes: number): number {
  return Math.max(16, Math.ceil(bytes / 16) * 16);
}

/** What buffers are made from. */
export interface BufferSource {
  /** The WebGPU device. */
  readonly gpu: GPUDevice;
  /** The budget. */
  readonly memory: MemoryLedger;
  /** Largest buffer, in bytes. */
  readonly maxBufferBytes: number;
}

/** Makes a zero-filled storage buffer, or throws before the device is asked. */
export function createBuffer(
  source: BufferSource,
  kind: string,
  bytes: number,
  name: string,
  usage: number = GPUBufferUsage.STORAGE,
): DeviceBuffer {
  const size = alignBytes(bytes);
  if (size > source.maxBufferBytes) {
    throw new RookeryError(
      "limit",
      `Cannot allocate ${
        showBytes(size)
      } for ${name} as the device's largest ` +
        `buffer is ${
          showBytes(source.maxBufferBytes)
        }: use fewer rows, pages ` +
        "or pictures, or a smaller dtype",
      { path: name, expected: source.maxBufferBytes, actual: size },
    );
  }
  source.memory.take(kind, size, name);
  const gpu = source.gpu.createBuffer({
    label: name,
    size,
    usage: usage | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
  });
  let isHeld = true;
  return {
    gpu,
    bytes: size,
    [Symbol.dispose](): void {
      if (!isHeld) return;
      isHeld = false;
      gpu.destroy();
      source.memory.give(kind, size);
    },
  };
}

/** Bytes of host values as the device stores them. */
export function toDeviceBytes(
  dtype: DType,
  values: HostArray,
): Uint8Array<ArrayBuffer> {
  const stored = dtype === "f16" ? new Float16Array(values) : values;
  const bytes = new Uint8Array(
    stored.buffer as ArrayBuffer,
    stored.byteOffset,
    stored.byteLength,
  );
  if (bytes.length % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return padded;
}

/** Host values from a copy of device bytes. */
export function fromDeviceBytes(
  dtype: DType,
  buffer: ArrayBuffer,
  offset: number,
  length: number,
): HostArray {
  const values = createHostArray(dtype, length);
  if (dtype === "f16") {
    values.set(new Float16Array(buffer, offset, length));
  } else {
    new Uint8Array(values.buffer).set(
      new Uint8Array(buffer, offset, length * dtypeBytes(dtype)),
    );
  }
  return values;
}
