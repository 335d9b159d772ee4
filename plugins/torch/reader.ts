/**
 * Opens checkpoints that `torch.save` wrote, in either of its layouts.
 *
 * @module
 */
import {
  type Checkpoint,
  FORMAT_BLOCKS,
  type StoredTensor,
} from "../../core/stored_tensor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { RangeFile } from "../range_file.ts";
import { openShards } from "../shards.ts";
import { storedRange, tensorBytes } from "../stored_range.ts";
import { readArchive } from "./archive.ts";
import { readLegacy } from "./legacy.ts";
import type { SavedObject } from "./saved_object.ts";
import { isContiguous, stridedTensor } from "./strided_tensor.ts";
import { TorchTensor } from "./torch_values.ts";

/** Keys under which training scripts put the state dict. */
const STATE_KEYS = ["state_dict", "model_state_dict"] as const;

/** First bytes of a zip file, `PK` 3 4. */
const ZIP_MAGIC = 0x04034b50;

/**
 * Opens a dict of tensors, at the top level or under `state_dict` or
 * `model_state_dict`, or the shards that a `pytorch_model.bin.index.json`
 * names. Names stay as they are; plain values beside the tensors are metadata.
 * Nothing in the file is run.
 *
 * @throws {RookeryError} `file`, naming the path, for anything but tensors,
 * plain containers, numbers and strings, and for damaged files
 */
export function openTorch(path: string): Promise<Checkpoint> {
  return path.endsWith(".index.json")
    ? openShards(path, openSingle)
    : openSingle(path);
}

async function openSingle(path: string): Promise<Checkpoint> {
  using stack = new DisposableStack();
  const file = stack.use(await RangeFile.open(path));
  const saved = isZip(file) ? readArchive(file) : readLegacy(file);
  const tensors = new Map<string, StoredTensor>();
  const metadata = new Map<string, unknown>();
  const state = stateDict(path, saved.value, metadata);
  for (const [key, value] of state) {
    if (!(value instanceof TorchTensor)) {
      keepPlain(metadata, key, value);
    } else if (typeof key === "string") {
      tensors.set(key, storedTensor(file, key, { tensor: value, saved }));
    } else {
      throw cannotRead(path, `a tensor's name is ${quoted(key)}, not a string`);
    }
  }
  if (tensors.size === 0) throw noTensors(path, state);
  const owned = stack.move();
  return {
    path,
    tensors,
    metadata: Object.fromEntries(metadata),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

function isZip(file: RangeFile): boolean {
  if (file.sizeBytes < 4) {
    throw cannotRead(
      file.path,
      `it has ${file.sizeBytes} bytes: no checkpoint is that short`,
    );
  }
  return new DataView(file.read(0, 4).buffer).getUint32(0, true) === ZIP_MAGIC;
}

function stateDict(
  path: string,
  value: unknown,
  metadata: Map<string, unknown>,
): ReadonlyMap<unknown, unknown> {
  if (!(value instanceof Map)) {
    throw cannotRead(path, "it holds no dict of tensors: save a state_dict");
  }
  for (const name of STATE_KEYS) {
    const inner = value.get(name);
    if (!(inner instanceof Map)) continue;
    for (const [key, beside] of value) keepPlain(metadata, key, beside);
    return inner;
  }
  return value;
}

function keepPlain(
  metadata: Map<string, unknown>,
  key: unknown,
  value: unknown,
): void {
  const isPlain = value === null || typeof value !== "object";
  if (isPlain && typeof key === "string") metadata.set(key, value);
}

interface SavedTensor {
  readonly tensor: TorchTensor;
  readonly saved: SavedObject;
}

function storedTensor(
  file: RangeFile,
  name: string,
  { tensor, saved }: SavedTensor,
): StoredTensor {
  const { shape, strides, storage } = tensor;
  const { format } = storage;
  tensorBytes(file.path, name, shape, format);
  checkExtent(file.path, name, tensor);
  const first = storage.offset + tensor.offset;
  const start = saved.places.get(storage.key)! +
    first * FORMAT_BLOCKS[format].bytes;
  const entry = { name, shape, format, start };
  return isContiguous(shape, strides)
    ? storedRange(file, entry)
    : stridedTensor(file, { ...entry, strides });
}

/** A tensor must stay in its storage, and not repeat it beyond its size. */
function checkExtent(path: string, name: string, tensor: TorchTensor): void {
  const { shape, strides, storage } = tensor;
  const count = shape.reduce((product, size) => product * size, 1);
  if (count === 0) return;
  const last = shape.reduce(
    (at, size, axis) => at + (size - 1) * strides[axis]!,
    storage.offset + tensor.offset,
  );
  if (last >= storage.elements || count > storage.elements) {
    throw cannotRead(
      path,
      `tensor ${quoted(name)} of shape ${quoted(shape)} and strides ` +
        `${quoted(strides)} does not fit its storage of ${storage.elements} ` +
        `elements: save expanded tensors after .contiguous()`,
      { expected: storage.elements, actual: Math.max(last + 1, count) },
    );
  }
}

function noTensors(path: string, state: ReadonlyMap<unknown, unknown>): Error {
  const keys = [...state.keys().take(8)].map(quoted).join(", ");
  return cannotRead(
    path,
    `its dict has no tensors at the top level (keys: ${keys}): tensors are ` +
      `looked for there and under ${STATE_KEYS.join(" and ")}`,
  );
}
