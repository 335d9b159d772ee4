/**
 * `devices`: what the chosen device is, can do and how fast it is.
 *
 * @module
 */

import {
  type Device,
  type DevicePeaks,
  measurePeaks,
  showBytes,
} from "../mod.ts";
import { type Command, defineCommand } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { DEVICE_OPTIONS, openDevice } from "./model_options.ts";
import { alignRows } from "./table.ts";

/** The command. */
export const devicesCommand: Command = defineCommand({
  name: "devices",
  summary: "Show the device, its features, limits and measured speed",
  options: {
    ...DEVICE_OPTIONS,
    json: { type: "flag", help: "Write a JSON object" },
  },
  examples: ["devices", "devices --device low-power --json"],
  async run({ options }, output) {
    using device = await openDevice(options);
    const adapter = await adapterOf(options.device);
    const report = reportOf(device, adapter, await measurePeaks(device));
    output.write(
      options.json ? `${JSON.stringify(report)}\n` : textOf(report),
    );
    return EXIT.done;
  },
});

const HOW_TO_CHOOSE = `
Deno lists no adapters: it asks the Vulkan loader for one. To run on a given
GPU, set a variable before the command:
  VK_DRIVER_FILES=/path/to/icd.json      use these drivers only
  VK_LOADER_DRIVERS_SELECT=*nvidia*      use drivers whose file has this name
  MESA_VK_DEVICE_SELECT=list             with Mesa: list devices, then name one
                                         as vendor:device, e.g. 10de:2330
  DENO_WEBGPU_BACKEND=vulkan             or metal, dx12, gl
--device low-power takes the most frugal adapter, cpu none at all.
`;

/** What `devices --json` writes. */
interface Report {
  readonly name: string;
  readonly kind: "webgpu" | "cpu";
  readonly isSoftware: boolean;
  readonly f16: boolean;
  readonly subgroups: boolean;
  /** Bytes; null where we set no limit of our own. */
  readonly memoryBytes: number | null;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  readonly speed: DevicePeaks;
}

/** The adapter behind a device; undefined for the CPU device. */
async function adapterOf(name: string): Promise<GPUAdapter | undefined> {
  if (name === "cpu") return undefined;
  const powerPreference = name === "low-power" ? name : "high-performance";
  return await navigator.gpu.requestAdapter({ powerPreference }) ?? undefined;
}

function reportOf(
  { profile, memory }: Device,
  adapter: GPUAdapter | undefined,
  speed: DevicePeaks,
): Report {
  const { name, kind, isSoftware, hasF16, hasSubgroups } = profile;
  const { budgetBytes } = memory;
  const hasBudget = budgetBytes < Number.MAX_SAFE_INTEGER;
  return {
    name,
    kind,
    isSoftware,
    f16: hasF16,
    subgroups: hasSubgroups,
    memoryBytes: hasBudget ? budgetBytes : null,
    features: [...adapter?.features ?? []].sort(),
    limits: adapter === undefined ? {} : limitsOf(adapter.limits),
    speed,
  };
}

/** Limits lie on the prototype, so a plain copy would have none. */
function limitsOf(limits: GPUSupportedLimits): Record<string, number> {
  const found: Record<string, number> = {};
  for (const key in limits) {
    const value = limits[key as keyof GPUSupportedLimits];
    if (typeof value === "number") found[key] = value;
  }
  return found;
}

function textOf(report: Report): string {
  const { name, kind, isSoftware, f16, subgroups, memoryBytes } = report;
  const { features, limits, speed } = report;
  const yesNo = (value: boolean): string => value ? "yes" : "no";
  const rows = [
    ["device", name],
    ["kind", isSoftware && kind === "webgpu" ? `${kind} in software` : kind],
    ["f16 in kernels", yesNo(f16)],
    ["subgroups", yesNo(subgroups)],
    [
      "memory budget",
      memoryBytes === null ? "the device's own" : showBytes(memoryBytes),
    ],
    ["matmul 512³", `${speed.gemmGflops.toFixed(1)} GFLOP/s`],
    ["copy", `${speed.copyGBs.toFixed(1)} GB/s`],
    ["features", features.join(", ") || "none"],
  ];
  const limitRows = Object.entries(limits)
    .map(([key, value]) => [`  ${key}`, String(value)]);
  return [
    ...alignRows(rows),
    ...(limitRows.length === 0 ? [] : ["limits", ...alignRows(limitRows)]),
    HOW_TO_CHOOSE,
  ].join("\n");
}
