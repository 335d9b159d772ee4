/**
 * The way in: a device by name.
 *
 * @module
 */

import { CpuDevice } from "./cpu/cpu_device.ts";
import type { Device } from "./device.ts";
import { Profiler } from "./profile/profiler.ts";
import { type AdapterChoice, openAdapter } from "./webgpu/adapter.ts";
import { openDispatchTimer } from "./webgpu/dispatch_timer.ts";
import { WebGpuDevice } from "./webgpu/webgpu_device.ts";

/** Options of `createDevice`. */
export interface DeviceOptions {
  /**
   * `auto` and `high-performance` take the best adapter, `low-power` the most
   * frugal, `cpu` runs every op's CPU meaning. Default `auto`.
   */
  readonly device?: AdapterChoice | "cpu";
  /**
   * Most bytes the device may hold. By default 70 % of the free system memory
   * on devices that live in it, no limit of our own on others.
   */
  readonly memoryBytes?: number;
  /**
   * Pretends that a kernel sees at most so many bytes of a buffer; for tests
   * of weights that are split.
   */
  readonly maxBindingBytes?: number;
  /**
   * Whether the device's `profiler` notes where time goes. Times come from the
   * device's timestamps; `waits` takes the host's clock around each dispatch
   * instead, which is also done where timestamps are of no use. Default false.
   */
  readonly profile?: boolean | "waits";
}

/** Opens a device. Dispose it (`using`) to release all that it holds. */
export async function createDevice(
  options: DeviceOptions = {},
): Promise<Device> {
  const { device = "auto", memoryBytes, maxBindingBytes, profile: notes } =
    options;
  if (device === "cpu") {
    const profiler = notes ? cpuProfiler() : undefined;
    return new CpuDevice(memoryBytes ?? systemBudget(), profiler);
  }
  const opened = await openAdapter(device);
  const { profile } = opened;
  const budget = memoryBytes ??
    (profile.isSoftware ? systemBudget() : Number.MAX_SAFE_INTEGER);
  const most = Math.min(
    profile.maxBindingBytes,
    maxBindingBytes ?? profile.maxBindingBytes,
  );
  const timer = notes
    ? await openDispatchTimer(opened, notes === "waits" ? notes : "timestamps")
    : undefined;
  return new WebGpuDevice(
    { ...opened, profile: { ...profile, maxBindingBytes: most } },
    budget,
    timer,
  );
}

function cpuProfiler(): Profiler {
  const note = "the host's clock around each op's CPU meaning";
  return new Profiler({ device: "cpu", method: "host", note, timingMs: 0 });
}

/** 70 % of the free memory; 4 GiB where the system does not tell. */
function systemBudget(): number {
  try {
    return Math.floor(0.7 * Deno.systemMemoryInfo().available);
  } catch {
    return 4 * 2 ** 30;
  }
}
