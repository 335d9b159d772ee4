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
import { isContiguous, stridedTensor } from "../strided_tensor.ts";
import { readArchive } from "./archive.ts";
import { readLegacy } from "./legacy.ts";
import type { SavedObject } from "./saved_object.ts";
import { stateDict } from "./state_dict.ts";
import type { TorchTensor } from "./torch_values.ts";

/** First bytes of a zip file, `PK` 3 4. */
const ZIP_MAGIC = 0x04034b50;

/**
 * Opens a dict of tensors, or the shards that a `pytorch_model.bin.index.json`
 * names. Tensors of a model's state dict in it have their names there, others
 * their path of keys (see `stateDict`); plain values beside are metadata.
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
  const { tensors, metadata } = stateDict(path, saved.value, file.sizeBytes);
  const stored = new Map(
    tensors.entries().map(([name, tensor]) => [
      name,
      storedTensor(file, name, { tensor, saved }),
    ]),
  );
  const owned = stack.move();
  return {
    path,
    tensors: stored,
    metadata,
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
    : stridedTensor(
      file.path,
      { ...entry, strides },
      (start, end) => file.read(start, end),
    );
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
