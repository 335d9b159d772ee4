/**
 * Profiles: where a device's time goes, and the host's.
 *
 * @module
 */

export * from "./chrome_trace.ts";
export * from "./profile.ts";
export * from "./profile_table.ts";
export { Profiler, type ProfilerOptions } from "./profiler.ts";
export type { KernelUse } from "./kernel_use.ts";
