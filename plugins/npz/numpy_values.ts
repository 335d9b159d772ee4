/**
 * What a pickle of NumPy arrays may hold besides plain Python values, and the
 * short list of names it may mention.
 *
 * @module
 */
import {
  BytesInFile,
  PickleFunction,
  PickleName,
  PickleObject,
  type PickleRules,
} from "../pickle/pickle_values.ts";
import { NUMPY_SUPPORTED, type NumpyType, numpyType } from "./numpy_type.ts";

/**
 * Bytes that a pickle of protocol 2 has as a text: one character a byte, in
 * UTF-8.
 */
export class LatinText {
  /** The text. */
  readonly text: BytesInFile;

  /** Made for `_codecs.encode`. */
  constructor(text: BytesInFile) {
    this.text = text;
  }
}

/** Data of an array: bytes, or Python objects. */
export type ArrayData = Uint8Array | BytesInFile | LatinText | unknown[];

/** What an array is filled with. */
export interface ArrayContent {
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Type of the elements. */
  readonly type: NumpyType;
  /** Whether the first axis is the fastest. */
  readonly isFortran: boolean;
  /** The elements. */
  readonly data: ArrayData;
}

/** An array; a pickle makes it empty and fills it later, or at once. */
export class PickledArray extends PickleObject {
  /** Undefined until the pickle has filled it. */
  content: ArrayContent | undefined;

  /** Takes `(1, shape, dtype, whether Fortran order, data)`. */
  override setState(state: unknown): void {
    const [version, shape, dtype, isFortran, data] = listOf(state);
    if (version !== 1 || typeof isFortran !== "boolean") {
      throw new TypeError("an array's state is of an unknown version");
    }
    this.fill({ shape, dtype, isFortran, data });
  }

  /** Checks and takes what it holds. */
  fill({ shape, dtype, isFortran, data }: {
    readonly shape: unknown;
    readonly dtype: unknown;
    readonly isFortran: boolean;
    readonly data: unknown;
  }): void {
    if (!(dtype instanceof PickledDtype)) {
      throw new TypeError("an array has no dtype");
    }
    if (!isCounts(shape) || !isData(data)) {
      throw new TypeError("an array's shape or data is wrong");
    }
    this.content = { shape, type: dtype.type, isFortran, data };
  }
}

/** A dtype; its byte order is set after it was made. */
class PickledDtype extends PickleObject {
  readonly #kind: string;
  #order = "<";

  constructor(kind: string) {
    super();
    this.#kind = kind;
  }

  get type(): NumpyType {
    const type = numpyType(`${this.#order}${this.#kind}`);
    if (type !== undefined) return type;
    throw new TypeError(
      `an array's dtype is ${this.#order}${this.#kind}: supported are ` +
        NUMPY_SUPPORTED,
    );
  }

  override setState(state: unknown): void {
    const [version, order, ...parts] = listOf(state);
    const isPlain = (version === 3 || version === 4) &&
      typeof order === "string" && parts.slice(0, 3).every((x) => x === null);
    if (!isPlain) throw new TypeError("a dtype is not one of plain numbers");
    this.#order = order;
  }
}

/** Strings of so many bytes stay in the file: arrays, but not names. */
const LEFT_IN_FILE = 4096;

/** Rules of pickles of arrays. */
export function numpyRules(): PickleRules {
  return {
    globals: NUMPY_GLOBALS,
    allowed: "dicts, lists, numbers, strings and NumPy arrays are read. Save " +
      "the arrays with numpy.savez instead",
    leftInFile: LEFT_IN_FILE,
  };
}

const RECONSTRUCT = new PickleFunction(([kind]) => {
  if (kind === NDARRAY) return new PickledArray();
  throw new TypeError("an array of another class than numpy.ndarray");
});

/** Protocol 5 fills an array at once. */
const FROM_BUFFER = new PickleFunction(([data, dtype, shape, order]) => {
  if (order !== "C" && order !== "F") {
    throw new TypeError("an array's order is neither C nor F");
  }
  const array = new PickledArray();
  array.fill({ shape, dtype, data, isFortran: order === "F" });
  return array;
});

/** Protocol 2 has no bytes: they come as a text to be encoded… */
const ENCODE = new PickleFunction(([text, encoding]) => {
  if (encoding !== "latin1") {
    throw new TypeError("bytes are encoded in another way than latin1");
  }
  if (text instanceof BytesInFile && text.isText) return new LatinText(text);
  if (typeof text !== "string") {
    throw new TypeError("what is encoded is no text");
  }
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (code < 256) return code;
    throw new TypeError("a text of bytes has a character above 255");
  });
});

/** …and where there are none as an empty `bytes()`. */
const NO_BYTES = new PickleFunction((args) => {
  if (args.length === 0) return new Uint8Array(0);
  throw new TypeError("bytes are made of something");
});

const DTYPE = new PickleFunction(([kind, isAligned, isCopy]) => {
  if (typeof kind === "string" && isAligned === false && isCopy === true) {
    return new PickledDtype(kind);
  }
  throw new TypeError("a dtype has no name, or is none of its own");
});

const NDARRAY = new PickleName();

/** Every global name that such a pickle may mention; all else is refused. */
const NUMPY_GLOBALS: ReadonlyMap<string, PickleName | PickleFunction> = new Map<
  string,
  PickleName | PickleFunction
>([
  ["numpy.core.multiarray._reconstruct", RECONSTRUCT],
  ["numpy._core.multiarray._reconstruct", RECONSTRUCT],
  ["numpy.core.numeric._frombuffer", FROM_BUFFER],
  ["numpy._core.numeric._frombuffer", FROM_BUFFER],
  ["numpy.ndarray", NDARRAY],
  ["numpy.dtype", DTYPE],
  ["_codecs.encode", ENCODE],
  ["__builtin__.bytes", NO_BYTES],
  ["builtins.bytes", NO_BYTES],
]);

function listOf(state: unknown): unknown[] {
  if (Array.isArray(state)) return state;
  throw new TypeError("an array's or dtype's state is no tuple");
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) &&
    value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function isData(value: unknown): value is ArrayData {
  return value instanceof Uint8Array || value instanceof LatinText ||
    (value instanceof BytesInFile && !value.isText) || Array.isArray(value);
}
