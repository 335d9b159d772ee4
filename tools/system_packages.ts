/**
 * Installs what a fresh Debian or Ubuntu lacks, where this process may.
 *
 * @module
 */

/** A software Vulkan driver, and the loader that finds it. */
export const DRIVER_PACKAGES = ["mesa-vulkan-drivers", "libvulkan1"];
/** The client that brings the weights. */
export const PIP_PACKAGES = ["python3-pip"];

/** The line that installs packages, for a person to type or for us to run. */
export function installLine(packages: readonly string[]): string {
  return `apt-get update && apt-get install -y --no-install-recommends ${
    packages.join(" ")
  }`;
}

/** Whether this process may install packages: root on Debian or Ubuntu. */
export function canInstall(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  try {
    return Deno.statSync("/etc/debian_version").isFile;
  } catch {
    return false;
  }
}

/** Installs packages; what apt says goes to stderr. Gives whether it worked. */
export async function installPackages(
  packages: readonly string[],
): Promise<boolean> {
  const child = new Deno.Command("sh", {
    args: ["-c", `{ ${installLine(packages)}; } >&2`],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
  }).spawn();
  return (await child.status).success;
}

/** Whether any client that brings Python packages answers. */
export async function hasPip(): Promise<boolean> {
  for (const call of ["python3 -m pip", "pip3", "pip", "uv"]) {
    const [program = "", ...args] = call.split(" ");
    try {
      const { success } = await new Deno.Command(program, {
        args: [...args, "--version"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return true;
    } catch {
      // Not on PATH: the next one may be.
    }
  }
  return false;
}
