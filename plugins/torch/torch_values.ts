/**
 * What a torch pickle may hold besides plain Python values, and the short list
 * of names it may mention.
 *
 * @module
 */
import type { StoredFormat } from "../../core/stored_tensor.ts";

/** A class of storages, such as `torch.FloatStorage`. */
export class StorageClass {
  /** Format of its elements. */
  readonly format: StoredFormat;

  /** Made only for the names listed in {@link TORCH_GLOBALS}. */
  constructor(format: StoredFormat) {
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

/** A function that a pickle may call: it builds values and does nothing else. */
export class PickleFunction {
  /** Value for the arguments; throws `TypeError` for wrong ones. */
  readonly call: (args: readonly unknown[]) => unknown;

  /** Made only for the names listed in {@link TORCH_GLOBALS}. */
  constructor(call: (args: readonly unknown[]) => unknown) {
    this.call = call;
  }
}

/** Every global name that a torch pickle may mention; all else is refused. */
export const TORCH_GLOBALS: ReadonlyMap<
  string,
  StorageClass | PickleFunction
> = new Map<string, StorageClass | PickleFunction>([
  ["torch.DoubleStorage", new StorageClass("f64")],
  ["torch.FloatStorage", new StorageClass("f32")],
  ["torch.HalfStorage", new StorageClass("f16")],
  ["torch.BFloat16Storage", new StorageClass("bf16")],
  ["torch.LongStorage", new StorageClass("i64")],
  ["torch.IntStorage", new StorageClass("i32")],
  ["torch.ShortStorage", new StorageClass("i16")],
  ["torch.CharStorage", new StorageClass("i8")],
  ["torch.ByteStorage", new StorageClass("u8")],
  ["torch.BoolStorage", new StorageClass("bool")],
  ["torch._utils._rebuild_tensor_v2", new PickleFunction(rebuildTensor)],
  ["torch._utils._rebuild_tensor", new PickleFunction(rebuildTensor)],
  ["torch._utils._rebuild_parameter", new PickleFunction(rebuildParameter)],
  ["torch.Size", new PickleFunction(([sizes]) => sizes)],
  ["collections.OrderedDict", new PickleFunction(orderedDict)],
]);

/**
 * Storage that a pickle names by a persistent id.
 *
 * @param id `("storage", class, key, device, elements)`, in legacy files with
 * a view `(key, offset, elements)` or none after it
 * @throws {TypeError} for any other id
 */
export function storageOf(id: unknown): TorchStorage {
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
