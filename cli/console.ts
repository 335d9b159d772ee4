/**
 * The shell that commands write to.
 *
 * @module
 */

import { tmpdir } from "node:os";
import type { Output } from "./command.ts";

/** Results to stdout, all else to stderr; a closed pipe ends the program. */
export const CONSOLE: Output = {
  write: (text) => writeAll(Deno.stdout, text),
  note: (text) => writeAll(Deno.stderr, text),
};

function writeAll(stream: typeof Deno.stdout, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) {
      at += stream.writeSync(bytes.subarray(at));
    }
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(1);
    throw error;
  }
}

/** Drivers complain on stderr where this variable names no folder. */
export function quietDrivers(): void {
  const name = "XDG_RUNTIME_DIR";
  if (Deno.build.os === "linux" && !Deno.env.get(name)) {
    Deno.env.set(name, tmpdir());
  }
}
