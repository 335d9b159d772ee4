/**
 * The layout of `torch.save` before PyTorch 1.6: five pickles (magic number,
 * protocol, system, object, storage keys), then each storage as its number of
 * elements and its bytes.
 *
 * @module
 */
import { FORMAT_BLOCKS } from "../../core/stored_tensor.ts";
import { ByteCursor } from "../byte_cursor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { unpickle } from "../pickle/unpickler.ts";
import type { RangeFile } from "../range_file.ts";
import type { SavedObject } from "./saved_object.ts";
import { torchRules, type TorchStorage } from "./torch_values.ts";

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/**
 * Reads the pickles of a legacy file and finds the places of its storages.
 *
 * @throws {RookeryError} `file` for another magic number or protocol, a
 * big-endian file, or storages that are missing or cut short
 */
export function readLegacy(file: RangeFile): SavedObject {
  const cursor = new ByteCursor(file);
  checkSystem(cursor);
  const storages = new Map<string, TorchStorage>();
  const rules = torchRules((storage) => {
    const known = storages.get(storage.key) ?? storage;
    const isSame = known.format === storage.format &&
      known.elements === storage.elements;
    if (!isSame) {
      throw cannotRead(
        file.path,
        `its storage ${quoted(storage.key)} has two formats or sizes`,
      );
    }
    storages.set(storage.key, storage);
  });
  const value = unpickle(cursor, rules);
  const keys = unpickle(cursor, torchRules());
  return {
    value,
    places: locate(file, { at: cursor.position, storages, keys }),
  };
}

function checkSystem(cursor: ByteCursor): void {
  const [magic, protocol, system] = [
    unpickle(cursor, torchRules()),
    unpickle(cursor, torchRules()),
    unpickle(cursor, torchRules()),
  ];
  if (magic !== MAGIC || protocol !== PROTOCOL) {
    throw cannotRead(
      cursor.path,
      `it is a pickle that torch.save did not write (magic number ` +
        `${quoted(magic)}, protocol ${quoted(protocol)})`,
      { expected: [MAGIC, PROTOCOL], actual: [magic, protocol] },
    );
  }
  const isLittle = system instanceof Map && system.get("little_endian");
  if (isLittle !== true) {
    throw cannotRead(
      cursor.path,
      "it was not written on a little-endian machine: save it again on one",
    );
  }
}

interface StorageList {
  /** Byte after the last pickle. */
  readonly at: number;
  /** Storages that tensors name. */
  readonly storages: ReadonlyMap<string, TorchStorage>;
  /** Keys in the order of the bytes. */
  readonly keys: unknown;
}

function locate(
  file: RangeFile,
  { at, storages, keys }: StorageList,
): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = storages.get(key);
    if (storage === undefined || places.has(key)) {
      throw cannotRead(
        file.path,
        `its list of storages has ${quoted(key)} twice or without a tensor`,
      );
    }
    places.set(key, at + 8);
    at = storageEnd(file, storage, at);
  }
  const missing = storages.keys().find((key) => !places.has(key));
  if (missing !== undefined) {
    throw cannotRead(
      file.path,
      `its list of storages lacks ${quoted(missing)}`,
    );
  }
  return places;
}

/** Checks a storage's element count; gives the byte after its content. */
function storageEnd(
  file: RangeFile,
  storage: TorchStorage,
  at: number,
): number {
  const there = new ByteCursor(file, at, at + 8).size();
  if (there !== storage.elements) {
    throw cannotRead(
      file.path,
      `its storage ${quoted(storage.key)} has ${there} elements where its ` +
        `tensors need ${storage.elements}`,
      { expected: storage.elements, actual: there },
    );
  }
  const content = new ByteCursor(file, at + 8);
  const bytes = there * FORMAT_BLOCKS[storage.format].bytes;
  content.require(bytes, `storage ${quoted(storage.key)}`);
  return at + 8 + bytes;
}
