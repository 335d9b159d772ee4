/**
 * Runs a piece of work on a machine that is set up: device, client for weights
 * and the folder that graphics drivers ask for.
 *
 * @module
 */

import { type Adapter, ensureDevice, thisMachine } from "./ensure_device.ts";

/** What work on a machine that is set up is given. */
export interface Setup {
  /** The adapter that answers. */
  readonly adapter: Adapter;
  /** Variables for child processes. */
  readonly env: Record<string, string>;
}

/** Runs `work` and gives its exit code; 1 where no device can be had. */
export async function withSetup(
  work: (setup: Setup) => Promise<number>,
): Promise<number> {
  const env: Record<string, string> = {};
  // Drivers complain on stderr where there is no such folder.
  const isUnset = Deno.build.os === "linux" &&
    !Deno.env.get("XDG_RUNTIME_DIR");
  const folder = isUnset
    ? await Deno.makeTempDir({ prefix: "rookery-runtime-" })
    : undefined;
  if (folder !== undefined) env["XDG_RUNTIME_DIR"] = folder;
  try {
    const adapter = await ensureDevice(thisMachine(env));
    return adapter ? await work({ adapter, env }) : 1;
  } finally {
    if (folder !== undefined) await Deno.remove(folder, { recursive: true });
  }
}
