/**
 * Nested dicts and lists as one list of names.
 *
 * @module
 */
import { cannotRead, quoted } from "../cannot_read.ts";

/** No checkpoint nests deeper; what does contains itself. */
const MAX_DEPTH = 32;

/** How a tree of values is flattened. */
export interface TreeRules<Leaf> {
  /** Path of the file, for messages. */
  readonly path: string;
  /** Stands between the keys of a name. */
  readonly separator: string;
  /** Whether a value is one that is looked for. */
  isLeaf(value: unknown): value is Leaf;
  /**
   * Values that may be visited: dicts that are named again and again make more
   * of them than a file has bytes.
   */
  readonly most: number;
}

/** What a tree holds. */
export interface FlatTree<Leaf> {
  /** Values that were looked for, by their joined keys. */
  readonly leaves: ReadonlyMap<string, Leaf>;
  /** Numbers, strings, booleans and nulls by their joined keys. */
  readonly plain: ReadonlyMap<string, unknown>;
}

/**
 * Flattens dicts (maps) and lists (arrays, by index), in order. Values of other
 * kinds than those of {@link FlatTree} are left out.
 *
 * @throws {RookeryError} `file` for a leaf whose key is neither string nor
 * number, two values of one name, and trees that contain themselves
 */
export function flattenTree<Leaf>(
  root: unknown,
  rules: TreeRules<Leaf>,
): FlatTree<Leaf> {
  const leaves = new Map<string, Leaf>();
  const plain = new Map<string, unknown>();
  let visited = 0;
  const visit = (keys: readonly unknown[], value: unknown): void => {
    if (++visited > rules.most || keys.length > MAX_DEPTH) {
      throw cannotRead(
        rules.path,
        `its dicts and lists nest deeper than ${MAX_DEPTH}, or name each ` +
          `other more than ${rules.most} times: see ${
            quoted(keys.slice(0, 4))
          }`,
      );
    }
    if (rules.isLeaf(value)) keep(leaves, keys, value);
    else if (value instanceof Map) {
      for (const [key, inner] of value) visit([...keys, key], inner);
    } else if (Array.isArray(value)) {
      value.forEach((inner, i) => visit([...keys, i], inner));
    } else if (value === null || typeof value !== "object") {
      if (keys.every(isKey)) plain.set(nameOf(keys), value);
    }
  };
  const nameOf = (keys: readonly unknown[]) => keys.join(rules.separator);
  const keep = (
    into: Map<string, Leaf>,
    keys: readonly unknown[],
    value: Leaf,
  ): void => {
    const wrong = keys.find((key) => !isKey(key));
    const name = nameOf(keys);
    if (wrong !== undefined || into.has(name)) {
      throw cannotRead(
        rules.path,
        wrong === undefined
          ? `the tensor ${quoted(name)} is there twice`
          : `a key on the way to a tensor is ${quoted(wrong)}: it must be a ` +
            `string or a number`,
      );
    }
    into.set(name, value);
  };
  visit([], root);
  return { leaves, plain };
}

function isKey(key: unknown): key is string | number {
  return typeof key === "string" || typeof key === "number";
}
