/**
 * Reads golden picture data and repeats the generator of the script that made
 * it.
 *
 * @module
 */

import { inflateSync } from "node:zlib";

const FOLDER = new URL("../../golden/image/", import.meta.url);

/** A golden file of tests/golden/image/. */
export async function readGolden<T>(file: string): Promise<T> {
  return JSON.parse(await Deno.readTextFile(new URL(file, FOLDER)));
}

/** Bytes of base64 text. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** Bytes of base64 text that holds a zlib stream. */
export function unpack(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(inflateSync(fromBase64(text)));
}

/** Bytes of the generator of make_golden.py. */
export function noise(seed: number, count: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
}

/** Largest difference between two byte arrays of one length. */
export function largestDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(a[i]! - b[i]!));
  }
  return most;
}
