/**
 * Sees to it that a WebGPU adapter answers and that weights can be brought,
 * installing what is missing where that is allowed.
 *
 * @module
 */

import { runDeno } from "./run_deno.ts";
import {
  canInstall,
  DRIVER_PACKAGES,
  hasPip,
  installLine,
  installPackages,
  PIP_PACKAGES,
} from "./system_packages.ts";

/** What the probe tells of the adapter that Deno chooses. */
export interface Adapter {
  /** Its description, e.g. `"llvmpipe (LLVM 15.0.6, 256 bits)"`. */
  readonly name: string;
  /** Whether it offers `shader-f16`. */
  readonly hasF16: boolean;
}

/** The machine as seen from here; tests put another in its place. */
export interface Machine {
  /** Asks for the adapter in a new process. */
  readonly probe: () => Promise<Adapter | undefined>;
  /** Whether a client for weights is there. */
  readonly hasPip: () => Promise<boolean>;
  /** Whether packages may be installed. */
  readonly canInstall: () => boolean;
  /** Installs packages and tells whether that worked. */
  readonly install: (packages: readonly string[]) => Promise<boolean>;
  /** Writes a line to the user. */
  readonly say: (line: string) => void;
}

/**
 * Gives the adapter, or `undefined` after saying what to type: the caller then
 * ends with exit code 1. A missing pip alone is said, and not fatal: the weights
 * may be here already.
 */
export async function ensureDevice(
  machine: Machine,
): Promise<Adapter | undefined> {
  let adapter = await machine.probe();
  const missing = [
    ...(adapter ? [] : DRIVER_PACKAGES),
    ...(await machine.hasPip() ? [] : PIP_PACKAGES),
  ];
  if (missing.length > 0) {
    if (!machine.canInstall()) {
      machine.say(installLine(missing));
      return adapter;
    }
    machine.say(`Installing: ${installLine(missing)}`);
    const isInstalled = await machine.install(missing);
    if (!adapter && isInstalled) adapter = await machine.probe();
    if (!adapter) {
      machine.say(
        "No WebGPU adapter answers, not even a software one: see what apt-get said above and which drivers VK_DRIVER_FILES and VK_ICD_FILENAMES name",
      );
      return undefined;
    }
  }
  warnOfOpenGl(adapter, machine.say);
  return adapter;
}

/** This machine. `env` is what the probe runs with. */
export function thisMachine(env: Record<string, string>): Machine {
  return {
    probe: () => probeAdapter(env),
    hasPip,
    canInstall,
    install: installPackages,
    say: (line) => console.error(line),
  };
}

/** Without a Vulkan driver Deno takes OpenGL, silently and with less. */
function warnOfOpenGl(
  adapter: Adapter | undefined,
  say: (line: string) => void,
): void {
  if (!adapter || adapter.hasF16 || !/llvmpipe/.test(adapter.name)) return;
  say(
    "Warning: the software device answers through OpenGL, not Vulkan, and lacks f16: unset VK_DRIVER_FILES and VK_ICD_FILENAMES or let them name a driver that exists",
  );
}

async function probeAdapter(
  env: Record<string, string>,
): Promise<Adapter | undefined> {
  const script = new URL("./probe_device.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", "--quiet", script];
  const { code, stdout, stderr } = await runDeno(args, { env });
  if (code !== 0) {
    throw new Error(`Cannot probe the WebGPU device: ${stderr.trim()}`);
  }
  return JSON.parse(stdout) as Adapter | null ?? undefined;
}
