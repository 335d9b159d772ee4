/**
 * Bytes that the hub for tests serves, whole or cut short, and their hashes.
 *
 * @module
 */

import { createHash } from "node:crypto";

/** What goes wrong with a file. */
export interface Fault {
  /** The connection ends after so many bytes. */
  readonly cutAfter?: number;
  /** So often; left out, always. */
  times?: number;
  /** The connection stays open and brings no more. */
  readonly isStall?: boolean;
  /** The body ends early, as if that were all. */
  readonly isQuiet?: boolean;
  /** Other bytes of the same length are sent. */
  readonly isWrong?: boolean;
  /** Answered instead of the file. */
  readonly status?: number;
  /** Ranges are not known: the whole file comes. */
  readonly isWhole?: boolean;
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The name git gives a file's content. */
export function gitSha1(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes)
    .digest("hex");
}

/** Bytes that no shift and no cut leaves alike. */
export function someBytes(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length },
    (_, i) => Math.imul(i + seed, 2654435761) >>> 13,
  );
}

/** A body that ends early, in the way of the fault. */
export function cutBody(
  bytes: Uint8Array,
  { isStall, isQuiet }: Fault,
  ends: AbortSignal,
): ReadableStream<Uint8Array> {
  let isSent = false;
  return new ReadableStream({
    async pull(controller) {
      if (!isSent) {
        isSent = true;
        controller.enqueue(bytes);
        return;
      }
      if (isQuiet) return controller.close();
      // The bytes before the cut must have left first.
      await new Promise((resolve) => setTimeout(resolve, 30));
      if (isStall && !ends.aborted) {
        await new Promise((resolve) => ends.addEventListener("abort", resolve));
      }
      controller.error("cut by the test");
    },
  });
}
