/**
 * What a torch pickle may hold besides plain Python values, and the short list
 * of names it may mention.
 *
 * @module
 */
import type { StoredFormat } from "../../core/stored_tensor.ts";
import {
  PickleFunction,
  PickleName,
  type PickleRules,
} from "../pickle/pickle_values.ts";

/** A class of storages, such as `torch.FloatStorage`. */
export class StorageClass extends PickleName {
  /** Format of its elements. */
  readonly format: StoredFormat;

  /** Made only for the names listed in {@link TORCH_GLOBALS}. */
  constructor(format: StoredFormat) {
    super();
    this.format = format;
  }
}

/** A storage that tensors are views of; its bytes lie elsewhere in the file. */
export interface TorchStorage {
  /** Name of the bytes in the file. */
  readonly key: string;
  /** Format of its elements. */
  readonly format: StoredFormat;
  /** Elements of the storage that has the bytes. */
  readonly elements: number;
  /** First element, for a storage that is itself a view of another. */
  readonly offset: number;
}

/** A tensor: a strided view of a storage. */
export class TorchTensor {
  /** Its storage. */
  readonly storage: TorchStorage;
  /** First element in the storage. */
  readonly offset: number;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Elements from one index to the next, for each axis. */
  readonly strides: readonly number[];

  /** Takes the arguments of `torch._utils._rebuild_tensor_v2`. */
  constructor(args: readonly unknown[]) {
    const [storage, offset, shape, strides] = args;
    if (
      !isStorage(storage) || !isCount(offset) || !isCounts(shape) ||
      !isCounts(strides) || shape.length !== strides.length
    ) {
      throw new TypeError(
        "a tensor's storage, offset, size or stride is wrong",
      );
    }
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** Formats of storages, by the first part of their classes' names. */
const STORAGES: readonly (readonly [string, StoredFormat])[] = [
  ["Double", "f64"],
  ["Float", "f32"],
  ["Half", "f16"],
  ["BFloat16", "bf16"],
  ["Long", "i64"],
  ["Int", "i32"],
  ["Short", "i16"],
  ["Char", "i8"],
  ["Byte", "u8"],
  ["Bool", "bool"],
];

/** Every global name that a torch pickle may mention; all else is refused. */
export const TORCH_GLOBALS: ReadonlyMap<string, PickleName | PickleFunction> =
  new Map<string, PickleName | PickleFunction>([
    ...STORAGES.flatMap(([kind, format]) =>
      // Old files name the classes of the device that they were saved from.
      ["torch", "torch.cuda"].map((module) =>
        [`${module}.${kind}Storage`, new StorageClass(format)] as const
      )
    ),
    ["torch._utils._rebuild_tensor_v2", new PickleFunction(rebuildTensor)],
    ["torch._utils._rebuild_tensor", new PickleFunction(rebuildTensor)],
    ["torch._utils._rebuild_parameter", new PickleFunction(rebuildParameter)],
    ["torch.Size", new PickleFunction(([sizes]) => sizes)],
    ["collections.OrderedDict", new PickleFunction(orderedDict)],
  ]);

/**
 * Rules of torch pickles.
 *
 * @param onStorage is told every storage that is named
 */
export function torchRules(
  onStorage: (storage: TorchStorage) => void = () => {},
): PickleRules {
  return {
    globals: TORCH_GLOBALS,
    allowed: "tensors, plain containers, numbers and strings are read. Save " +
      "a state_dict of tensors instead",
    persistent: (id) => {
      const storage = storageOf(id);
      onStorage(storage);
      return storage;
    },
  };
}

/**
 * Storage that a pickle names by a persistent id.
 *
 * @param id `("storage", class, key, device, elements)`, in legacy files with
 * a view `(key, offset, elements)` or none after it
 * @throws {TypeError} for any other id
 */
function storageOf(id: unknown): TorchStorage {
  const [kind, type, key, _device, elements, view] = Array.isArray(id)
    ? id
    : [];
  const isKnown = kind === "storage" && type instanceof StorageClass &&
    typeof key === "string" && isCount(elements);
  if (!isKnown) throw new TypeError("a persistent id names no storage");
  const offset = Array.isArray(view) ? view[1] : 0;
  if (!isCount(offset)) throw new TypeError("a storage view has no offset");
  return { key, format: type.format, elements, offset };
}

function rebuildTensor(args: readonly unknown[]): TorchTensor {
  return new TorchTensor(args);
}

function rebuildParameter([data]: readonly unknown[]): TorchTensor {
  if (data instanceof TorchTensor) return data;
  throw new TypeError("a parameter holds no tensor");
}

/** Python 2 gives the items as one argument, Python 3 sets them later. */
function orderedDict([items = []]: readonly unknown[]): Map<unknown, unknown> {
  if (!Array.isArray(items)) throw new TypeError("an OrderedDict has no items");
  return new Map(items.map((item) => {
    if (Array.isArray(item) && item.length === 2) return [item[0], item[1]];
    throw new TypeError("an item of an OrderedDict is no pair");
  }));
}

function isStorage(value: unknown): value is TorchStorage {
  return typeof value === "object" && value !== null && "elements" in value;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
