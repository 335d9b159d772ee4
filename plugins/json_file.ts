/**
 * JSON inside weights files and beside them, read with a limit and checked for
 * what `JSON.parse` hides: a key that an object names twice.
 *
 * @module
 */
import { cannotRead, quoted } from "./cannot_read.ts";
import { RangeFile } from "./range_file.ts";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as a JSON object; nothing when it is another kind of value. */
export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as JsonObject
    : undefined;
}

/**
 * Object that a JSON file of at most `maxBytes` holds.
 *
 * @throws {RookeryError} `file` when it is missing, too large, not a JSON
 * object, or names a key of its outermost object twice
 */
export async function readJsonFile(
  path: string,
  maxBytes: number,
): Promise<JsonObject> {
  using file = await RangeFile.open(path);
  if (file.sizeBytes > maxBytes) {
    throw cannotRead(
      path,
      `it has ${file.sizeBytes} bytes: at most ${maxBytes} are read as JSON`,
      { expected: maxBytes, actual: file.sizeBytes },
    );
  }
  return parseJsonObject(path, file.read(0, file.sizeBytes));
}

/**
 * Object in a JSON text.
 *
 * @param path of the file that the bytes are from
 * @throws {RookeryError} `file` as {@link readJsonFile}
 */
export function parseJsonObject(path: string, bytes: Uint8Array): JsonObject {
  let value: unknown;
  let repeated: string | undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
    repeated = firstRepeatedKey(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cannotRead(path, `its JSON is not valid: ${reason}`, { cause });
  }
  const object = asObject(value);
  if (object === undefined) {
    throw cannotRead(path, "its JSON is not an object");
  }
  if (repeated !== undefined) {
    throw cannotRead(path, `its JSON names ${quoted(repeated)} twice`);
  }
  return object;
}

/** First key that the outermost object of a valid JSON text has twice. */
function firstRepeatedKey(text: string): string | undefined {
  const seen = new Set<string>();
  // Strings are matched whole, so that brackets in them do not count.
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs;
  let depth = 0;
  for (const [token, colon] of text.matchAll(tokens)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && colon !== undefined) {
      const key: string = JSON.parse(token.slice(0, -colon.length));
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}
