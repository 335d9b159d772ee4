/**
 * Finds an adapter and asks for all that it can give: Deno hands out the
 * default limits unless they are named.
 *
 * @module
 */

import { RookeryError } from "../errors.ts";
import type { DeviceProfile } from "../kernel.ts";

/** Which adapter is wanted. Deno lists none; the driver's loader chooses. */
export type AdapterChoice = "auto" | "high-performance" | "low-power";

/** An opened device and what is known about it. */
export interface OpenedAdapter {
  /** The WebGPU device. */
  readonly gpu: GPUDevice;
  /** Facts for choosing kernels. */
  readonly profile: DeviceProfile;
}

/** Limits that kernels and buffers here depend on. */
const WANTED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
] as const;

/** Opens a device with the adapter's own limits; throws a `device` error. */
export async function openAdapter(
  choice: AdapterChoice,
): Promise<OpenedAdapter> {
  const adapter = await navigator.gpu?.requestAdapter({
    powerPreference: choice === "low-power" ? choice : "high-performance",
  });
  if (!adapter) throw noAdapter();
  const { limits } = adapter;
  const description = adapter.info.description || adapter.info.vendor;
  const isSoftware = adapter.info.isFallbackAdapter ||
    /llvmpipe|swiftshader|softpipe|basic render/i.test(description);
  const hasF16 = adapter.features.has("shader-f16");
  const features = (["shader-f16", "timestamp-query"] as const)
    .filter((feature) => adapter.features.has(feature));
  const requiredLimits = Object.fromEntries(
    WANTED_LIMITS.map((name) => [name, limits[name]]),
  );
  const { gpu, hasSubgroups } = await requestDevice(
    adapter,
    features,
    requiredLimits,
  );
  const profile: DeviceProfile = {
    name: description,
    kind: "webgpu",
    isSoftware,
    hasF16,
    hasSubgroups,
    maxBindingBytes: limits.maxStorageBufferBindingSize,
    maxBufferBytes: limits.maxBufferSize,
    maxBindings: limits.maxStorageBuffersPerShaderStage,
    maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
    maxWorkgroups: limits.maxComputeWorkgroupsPerDimension,
  };
  return { gpu, profile };
}

/**
 * Asks for subgroups first: Deno hides the feature from `adapter.features`
 * but grants it where the driver has it.
 */
async function requestDevice(
  adapter: GPUAdapter,
  features: readonly GPUFeatureName[],
  requiredLimits: Record<string, number>,
): Promise<{ gpu: GPUDevice; hasSubgroups: boolean }> {
  const { subgroupMinSize = 0 } = adapter.info;
  if (subgroupMinSize >= 8) {
    try {
      const requiredFeatures = [...features, "subgroups" as GPUFeatureName];
      const gpu = await adapter.requestDevice({
        requiredFeatures,
        requiredLimits,
      });
      return { gpu, hasSubgroups: true };
    } catch { /* The driver has none: go on without. */ }
  }
  try {
    const requiredFeatures = [...features];
    const gpu = await adapter.requestDevice({
      requiredFeatures,
      requiredLimits,
    });
    return { gpu, hasSubgroups: false };
  } catch (cause) {
    throw new RookeryError(
      "limit",
      `Cannot open device ${adapter.info.description} as it refuses its own ` +
        `limits or features: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

function noAdapter(): RookeryError {
  return new RookeryError(
    "device",
    "Cannot open a WebGPU device as no adapter answers: install a Vulkan " +
      "driver (software: apt-get install -y mesa-vulkan-drivers libvulkan1), " +
      "or use --device cpu",
  );
}
