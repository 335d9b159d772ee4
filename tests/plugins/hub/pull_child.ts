/**
 * Pulls what its argument orders and prints the result as one line of JSON:
 * tests run it in processes of their own, with limits, or to kill it.
 *
 * @module
 */

import { join } from "node:path";
import { RookeryError } from "../../../core/errors.ts";
import { pullModel } from "../../../plugins/hub/mod.ts";
import type { ChildOrder } from "./hub_fixture.ts";
import { REPO } from "./hub_server.ts";

const { options, dieAtBytes = Infinity, fill } = JSON.parse(
  Deno.args[0] ?? "{}",
) as ChildOrder;
let isFull = fill === undefined;

/** Writes until the disk takes no more. */
function fillDisk(folder: string): void {
  using file = Deno.openSync(join(folder, "filler"), {
    create: true,
    write: true,
  });
  try {
    for (;;) file.writeSync(new Uint8Array(4096));
  } catch {
    isFull = true;
  }
}

try {
  const pulled = await pullModel({ hub: REPO }, {
    ...options,
    onProgress: ({ doneBytes }) => {
      if (!isFull) fillDisk(fill!);
      if (doneBytes >= dieAtBytes) Deno.kill(Deno.pid, "SIGKILL");
    },
  });
  console.log(JSON.stringify({ pulled }));
} catch (error) {
  if (!(error instanceof RookeryError)) throw error;
  const { message, code } = error;
  console.log(JSON.stringify({ error: message, code }));
}
