/**
 * Arrays of a pickle: dicts of dicts of arrays, as Haiku's users save them.
 *
 * @module
 */
import type { ByteCursor } from "../byte_cursor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { flattenTree } from "../pickle/flatten_tree.ts";
import { unpickle } from "../pickle/unpickler.ts";
import { tensorBytes } from "../stored_range.ts";
import {
  type ArrayContent,
  type ArrayData,
  LatinText,
  numpyRules,
  PickledArray,
} from "./numpy_values.ts";
import type { NumpyArray } from "./array_tensor.ts";

/** An array of a pickle, and its data. */
export interface FoundArray extends NumpyArray {
  /** Its bytes, or where they are. */
  readonly data: Exclude<ArrayData, unknown[]>;
}

/** What a pickle holds. */
export interface PickledTree {
  /** Arrays; names are the keys on the way, joined by slashes. */
  readonly arrays: readonly FoundArray[];
  /** Plain values by names of the same kind. */
  readonly plain: ReadonlyMap<string, unknown>;
}

/**
 * Reads a pickle up to the cursor's end.
 *
 * @throws {RookeryError} `file` for a pickle that holds anything else, and for
 * arrays whose data do not fit their shapes
 */
export function readPickledArrays(cursor: ByteCursor): PickledTree {
  const { path } = cursor;
  const most = cursor.remaining;
  const root = unwrapped(path, unpickle(cursor, numpyRules()));
  if (cursor.remaining > 0) {
    throw cannotRead(
      path,
      `${cursor.remaining} bytes follow the pickle in it, from byte ` +
        `${cursor.position} on`,
    );
  }
  if (!(root instanceof Map) && !Array.isArray(root)) {
    throw cannotRead(path, "its pickle holds no dict of arrays");
  }
  const { leaves, plain } = flattenTree(root, {
    path,
    separator: "/",
    isLeaf: (value) => value instanceof PickledArray,
    most,
  });
  const arrays = [...leaves].map(([name, { content }]) =>
    foundArray(path, name, content)
  );
  return { arrays, plain };
}

/** An object array of one item, as `numpy.save` makes it of a dict. */
function unwrapped(path: string, value: unknown): unknown {
  if (!(value instanceof PickledArray)) return value;
  const data = value.content?.data;
  if (Array.isArray(data) && data.length === 1) return data[0];
  throw cannotRead(
    path,
    "its pickle holds one array instead of a dict of arrays",
  );
}

function foundArray(
  path: string,
  name: string,
  content: ArrayContent | undefined,
): FoundArray {
  if (content === undefined) {
    throw cannotRead(path, `the array ${quoted(name)} has no content`);
  }
  const { shape, data, isFortran, type: { format, isBigEndian } } = content;
  if (Array.isArray(data) || format === undefined) {
    throw cannotRead(
      path,
      `the array ${quoted(name)} holds Python objects: only numbers are read`,
    );
  }
  const needed = tensorBytes(path, name, shape, format);
  const there = data instanceof LatinText ? data.text.length : data.length;
  // In a text in UTF-8, a byte from 128 on takes two.
  const most = data instanceof LatinText ? 2 * needed : needed;
  if (there < needed || there > most) {
    throw cannotRead(
      path,
      `the array ${quoted(name)} of shape ${quoted(shape)} and format ` +
        `${format} takes ${needed} bytes, ${there} are there`,
      { expected: needed, actual: there },
    );
  }
  return { name, shape, format, isBigEndian, isFortran, data };
}
