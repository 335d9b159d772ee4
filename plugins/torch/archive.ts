/**
 * The zip layout of `torch.save` (PyTorch 1.6 and later): one pickle, and one
 * member for each storage.
 *
 * @module
 */
import { FORMAT_BLOCKS } from "../../core/stored_tensor.ts";
import { ByteCursor } from "../byte_cursor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { unpickle } from "../pickle/unpickler.ts";
import type { RangeFile } from "../range_file.ts";
import { readZip, type ZipMember } from "../zip.ts";
import type { SavedObject } from "./saved_object.ts";
import { torchRules, type TorchStorage } from "./torch_values.ts";

/**
 * Reads the pickle of a zip file and finds the places of its storages.
 *
 * @throws {RookeryError} `file` for a zip file that `torch.save` did not write,
 * a TorchScript, a big-endian file or a storage that is missing or too short
 */
export function readArchive(file: RangeFile): SavedObject {
  const members = readZip(file);
  const pickle = members.values()
    .find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined) {
    throw cannotRead(
      file.path,
      "it is a zip file without the data.pkl that torch.save writes",
    );
  }
  const folder = pickle.name.slice(0, -"data.pkl".length);
  if (members.has(`${folder}constants.pkl`)) {
    throw cannotRead(
      file.path,
      "it is a TorchScript program: save its state_dict instead",
    );
  }
  checkPlain(file.path, pickle);
  checkByteOrder(file, members.get(`${folder}byteorder`));
  const places = new Map<string, number>();
  const cursor = new ByteCursor(file, pickle.start, pickle.end);
  const rules = torchRules((storage) => {
    const member = members.get(`${folder}data/${storage.key}`);
    places.set(storage.key, placeOf(file, storage, member));
  });
  const value = unpickle(cursor, rules);
  return { value, places };
}

function checkByteOrder(file: RangeFile, member: ZipMember | undefined): void {
  if (member === undefined) return;
  checkPlain(file.path, member);
  const cursor = new ByteCursor(file, member.start, member.end);
  const order = cursor.text(cursor.remaining, "the byte order");
  if (order !== "little") {
    throw cannotRead(
      file.path,
      `its byte order is ${quoted(order)}: only "little" is read`,
    );
  }
}

function placeOf(
  file: RangeFile,
  storage: TorchStorage,
  member: ZipMember | undefined,
): number {
  const needed = storage.elements * FORMAT_BLOCKS[storage.format].bytes;
  const there = member === undefined ? 0 : member.end - member.start;
  if (member === undefined || there !== needed) {
    throw cannotRead(
      file.path,
      `its storage ${quoted(storage.key)} takes ${needed} bytes, ${there} ` +
        `are there`,
      { expected: needed, actual: there },
    );
  }
  checkPlain(file.path, member);
  return member.start;
}

/** Throws for a member whose bytes cannot be read in place. */
function checkPlain(path: string, { name, packing }: ZipMember): void {
  if (packing === "plain") return;
  throw cannotRead(
    path,
    `its member ${quoted(name)} is compressed or encrypted: torch.save ` +
      `writes plain members, and only these are read`,
  );
}
