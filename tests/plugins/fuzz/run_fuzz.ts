/**
 * Feeds damaged files to a reader: each must be refused by an error that names
 * the file, or give a right result, in little time and memory.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { type ErrorCode, RookeryError } from "../../../core/errors.ts";
import { countAllocation } from "./count_allocation.ts";

/** One thing that reads files. */
export interface FuzzTarget {
  /** Its name in reports. */
  readonly name: string;
  /** Name that the damaged file has in its folder. */
  readonly file: string;
  /** Files that lie beside it, by name. */
  readonly beside?: Readonly<Record<string, Uint8Array>>;
  /** Damaged files. */
  readonly cases: fc.Arbitrary<Uint8Array<ArrayBuffer>>;
  /**
   * Reads the file and checks what comes of it: any error but the library's
   * own is a finding. `measure` runs a step that may allocate twice the file.
   */
  run(path: string, measure: Measure): Promise<void>;
  /** Codes that its errors may have. Default: `file` only. */
  readonly codes?: readonly ErrorCode[];
  /** What its messages must name besides the path's folder. Default: the path. */
  readonly names?: "path" | "folder";
  /** Bytes that a byte of the file may stand for. Default 1. */
  readonly ratio?: number;
  /** Milliseconds that a file may take. Default 2000. */
  readonly mostMs?: number;
}

/** Runs a step, and checks what it allocates. */
export type Measure = <T>(step: () => Promise<T>) => Promise<T>;

/** How a target is run. */
export interface FuzzOptions {
  /** Number of damaged files. */
  readonly runs: number;
  /** Seed of the damages. */
  readonly seed: number;
  /** Called before each file. */
  readonly onCase?: () => void;
}

/** What a run found out. */
export interface FuzzReport {
  /** Files that were refused. */
  readonly refused: number;
  /** Files that gave a result. */
  readonly read: number;
  /** Milliseconds of the slowest file. */
  readonly slowestMs: number;
}

/** No file of some kilobytes may keep a reader busy for longer. */
const MOST_MS = 2000;

/** Windows, tables and other things that do not grow with the file. */
const SPARE_BYTES = 4 << 10;

/**
 * Runs a target. When it fails, the error holds fast-check's report, and the
 * smallest file that fails is left in a folder that it names.
 */
export async function runFuzz(
  target: FuzzTarget,
  { runs, seed, onCase = () => {} }: FuzzOptions,
): Promise<FuzzReport> {
  const folder = await Deno.makeTempDir({ prefix: "rookery_fuzz_" });
  const path = join(folder, target.file);
  for (const [name, bytes] of Object.entries(target.beside ?? {})) {
    await Deno.writeFile(join(folder, name), bytes);
  }
  let [refused, read, slowestMs] = [0, 0, 0];
  const property = fc.asyncProperty(target.cases, async (bytes) => {
    onCase();
    await Deno.writeFile(path, bytes);
    const started = performance.now();
    const isRefused = await readOrRefuse(target, path, bytes.length);
    const ms = performance.now() - started;
    slowestMs = Math.max(slowestMs, ms);
    assert.ok(ms < (target.mostMs ?? MOST_MS), `it took ${ms} ms`);
    if (isRefused) refused++;
    else read++;
  });
  const details = await fc.check(property, { numRuns: runs, seed });
  if (details.failed) {
    const [smallest] = details.counterexample ?? [];
    if (smallest !== undefined) await Deno.writeFile(path, smallest);
    const cause = details.errorInstance;
    throw new Error(
      `${target.name}: ${cause}\nfile ${path}, seed ${details.seed}, path ` +
        `${details.counterexamplePath}, after ${details.numRuns} files`,
      { cause },
    );
  }
  await Deno.remove(folder, { recursive: true });
  return { refused, read, slowestMs };
}

async function readOrRefuse(
  target: FuzzTarget,
  path: string,
  fileBytes: number,
): Promise<boolean> {
  const { codes = ["file"], names = "path", ratio = 1 } = target;
  const most = 2 * ratio * fileBytes + SPARE_BYTES;
  const measure: Measure = async (step) => {
    const { result, bytes } = await countAllocation(step);
    assert.ok(bytes <= most, `it allocated ${bytes} bytes for ${fileBytes}`);
    return await result;
  };
  try {
    await target.run(path, measure);
    return false;
  } catch (error) {
    if (!(error instanceof RookeryError)) throw error;
    const { code, message } = error;
    assert.ok(codes.includes(code), `${code}: ${message}`);
    const named = names === "path" ? path : path.slice(0, -target.file.length);
    assert.ok(message.includes(named.replace(/\/$/, "")), message);
    return true;
  }
}
