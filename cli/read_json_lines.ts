/**
 * JSON lines: one object a line, with errors that say which line.
 *
 * @module
 */

import { RookeryError } from "../mod.ts";
import { repeatedKey } from "./repeated_key.ts";

/** An object of a file, and where it stands. */
export interface JsonLine {
  /** Its keys. */
  readonly value: Readonly<Record<string, unknown>>;
  /** `FILE:LINE`, for messages. */
  readonly place: string;
}

/** Objects of a JSON lines file; empty lines do not count. */
export async function readJsonLines(path: string): Promise<JsonLine[]> {
  const text = await readTextFile(path);
  return text.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const place = `${path}:${i + 1}`;
    const value = asObject(parseJson(line, place), place);
    const twice = repeatedKey(line);
    if (twice === undefined) return [{ value, place }];
    throw badItem(place, `it has "${twice}" twice: give it once`);
  });
}

/** Text of a small file; throws a `file` error. */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new RookeryError(
      "file",
      `Cannot read ${path} as ${reason}: check the path`,
      { path, cause },
    );
  }
}

/** A JSON value; throws a `prompt` error that says where it stands. */
export function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badItem(place, `its JSON is not valid (${reason})`, cause);
  }
}

/** A JSON value as an object; throws a `prompt` error. */
export function asObject(
  value: unknown,
  place: string,
): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw badItem(place, "it is no JSON object: write {…}");
}

/** Error of one item of a prompt or a list of shots. */
export function badItem(
  place: string,
  reason: string,
  cause?: unknown,
): RookeryError {
  return new RookeryError("prompt", `Cannot use ${place} as ${reason}`, {
    path: place,
    cause,
  });
}
