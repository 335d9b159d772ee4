/**
 * Opens files of NumPy arrays.
 *
 * @module
 */
import { basename } from "node:path";
import type { Checkpoint, StoredTensor } from "../../core/stored_tensor.ts";
import { ByteCursor } from "../byte_cursor.ts";
import { type ByteSource, memorySource } from "../byte_source.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import { RangeFile } from "../range_file.ts";
import { tensorBytes } from "../stored_range.ts";
import type { ReadBytes } from "../strided_tensor.ts";
import { readZip, type ZipMember } from "../zip.ts";
import { arrayTensor } from "./array_tensor.ts";
import { inflate } from "./inflate.ts";
import { KeptContent } from "./kept_content.ts";
import { latinBytes } from "./latin_bytes.ts";
import {
  NPY_MAGIC,
  NPY_START_BYTES,
  type NpyHeader,
  readNpyHeader,
  readNpyStart,
} from "./npy_header.ts";
import { LatinText } from "./numpy_values.ts";
import { type FoundArray, readPickledArrays } from "./pickled_arrays.ts";
import { checkedReads, checkWhole } from "./running_checksum.ts";

/** First bytes of a zip file, of an empty one, and of a pickle. */
const ZIP = 0x50, PICKLE = 0x80;

/**
 * Opens an `.npz` file (zip of `.npy` arrays, stored or deflated), an `.npy`
 * array, or a pickle of dicts of arrays, whatever its name says. Arrays in
 * dicts are named by the keys on the way, joined by slashes. Nothing in the
 * file is run.
 *
 * @throws {RookeryError} `file`, naming the path, for anything but arrays of
 * numbers, dicts, lists and plain values, and for damaged files
 */
export async function openNpz(path: string): Promise<Checkpoint> {
  using stack = new DisposableStack();
  const file = stack.use(await RangeFile.open(path));
  const kept = stack.adopt(new KeptContent(), (content) => content.clear());
  const found = new Contents(file, kept);
  await found.addAll();
  const { tensors, metadata } = found;
  if (tensors.size === 0) throw cannotRead(path, "it holds no arrays");
  const owned = stack.move();
  return {
    path,
    tensors,
    metadata: Object.fromEntries(metadata),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Where an array or a pickle lies: in the file, or in what is unpacked. */
interface Place {
  /** Its own bytes. */
  readonly source: ByteSource;
  /** First byte. */
  readonly start: number;
  /** Byte after the last. */
  readonly end: number;
  /** Reads bytes counted as `start` is. */
  readonly read: ReadBytes;
  /** The stored member that it is, whose checksum is to be looked at. */
  readonly stored?: ZipMember;
}

/** Collects the tensors of a file. */
class Contents {
  readonly tensors = new Map<string, StoredTensor>();
  readonly metadata = new Map<string, unknown>();
  readonly #file: RangeFile;
  readonly #kept: KeptContent;

  constructor(file: RangeFile, kept: KeptContent) {
    this.#file = file;
    this.#kept = kept;
  }

  async addAll(): Promise<void> {
    const { path, sizeBytes } = this.#file;
    const [first] = this.#file.read(0, Math.min(1, sizeBytes));
    if (first === ZIP) {
      for (const member of readZip(this.#file).values()) {
        await this.#addMember(member);
      }
    } else if (first === PICKLE) {
      this.#addPickle("", this.#placeInFile(0, sizeBytes));
    } else if (first === NPY_MAGIC[0]) {
      const name = basename(path).replace(/\.npy$/, "");
      this.#addArray(name, this.#placeInFile(0, sizeBytes));
    } else {
      throw cannotRead(path, "it begins as no file of NumPy arrays does");
    }
  }

  #placeInFile(start: number, end: number): Place {
    const source = this.#file;
    return { source, start, end, read: (a, b) => source.read(a, b) };
  }

  async #addMember(member: ZipMember): Promise<void> {
    const { path } = this.#file;
    const [, name] = /^(.+)\.npy$/s.exec(member.name) ?? [];
    if (name === undefined || member.packing === "other") {
      throw cannotRead(
        path,
        `its member ${quoted(member.name)} is ${
          name === undefined ? "no .npy array" : "encrypted or packed"
        }: stored and deflated .npy arrays are read`,
      );
    }
    if (member.packing === "plain") {
      const place = this.#placeInFile(member.start, member.end);
      this.#addArray(name, { ...place, stored: member });
    } else await this.#addDeflated(name, member);
  }

  async #addDeflated(name: string, member: ZipMember): Promise<void> {
    const file = this.#file;
    const part = async (count: number) =>
      memorySource(
        file.path,
        await inflate(file, member, Math.min(count, member.sizeBytes)),
      );
    const start = new ByteCursor(await part(NPY_START_BYTES));
    const text = readNpyStart(start, name);
    const header = await part(start.position + text);
    const { type } = readNpyHeader(new ByteCursor(header), name);
    // A pickle is run as a whole; of numbers only the header is looked at.
    const source = type.format === undefined
      ? await part(member.sizeBytes)
      : header;
    const read = this.#kept.reader(name, () => inflate(file, member));
    this.#addArray(name, { source, start: 0, end: member.sizeBytes, read });
  }

  #addArray(name: string, place: Place): void {
    const { path } = this.#file;
    const { source, start, end, stored } = place;
    const cursor = new ByteCursor(
      source,
      start,
      Math.min(end, source.sizeBytes),
    );
    const header: NpyHeader = readNpyHeader(cursor, name);
    const at = cursor.position;
    const { type: { format, isBigEndian }, shape, isFortran } = header;
    if (format === undefined) {
      if (stored !== undefined) checkWhole(this.#file, stored);
      return this.#addPickle(`${name}/`, { ...place, start: at });
    }
    const needed = tensorBytes(path, name, shape, format);
    if (needed !== end - at) {
      throw cannotRead(
        path,
        `array ${quoted(name)} of shape ${quoted(shape)} and format ` +
          `${format} takes ${needed} bytes, ${end - at} are there`,
        { expected: needed, actual: end - at },
      );
    }
    const read = stored === undefined ? place.read : checkedReads(
      path,
      stored,
      { read: place.read, header: source.read(start, at) },
    );
    const array = { name, shape, format, isBigEndian, isFortran };
    this.#keep(
      arrayTensor(path, array, (from, to) => read(at + from, at + to)),
    );
  }

  #addPickle(prefix: string, { source, start, end, read }: Place): void {
    const cursor = new ByteCursor(source, start, end);
    const { arrays, plain } = readPickledArrays(cursor);
    for (const array of arrays) {
      const named = { ...array, name: prefix + array.name };
      const data = this.#dataOf(named, source, read);
      this.#keep(arrayTensor(this.#file.path, named, data));
    }
    for (const [name, value] of plain) this.metadata.set(prefix + name, value);
  }

  #dataOf(
    { name, data, shape, format }: FoundArray,
    source: ByteSource,
    read: ReadBytes,
  ): ReadBytes {
    if (data instanceof Uint8Array) {
      return (from, to) => data.slice(from, to);
    }
    if (data instanceof LatinText) {
      const { path } = this.#file;
      const count = tensorBytes(path, name, shape, format);
      const make = () => Promise.try(latinBytes, source, data.text, count);
      return this.#kept.reader(name, make);
    }
    return (from, to) => read(data.start + from, data.start + to);
  }

  #keep(tensor: StoredTensor): void {
    const { name, read } = tensor;
    if (this.tensors.has(name)) {
      throw cannotRead(
        this.#file.path,
        `the array ${quoted(name)} is there twice`,
      );
    }
    this.tensors.set(name, {
      ...tensor,
      read: async (from, to) => {
        // Even where the bytes are in memory, a closed file is not read.
        this.#file.read(0, 0);
        return await read(from, to);
      },
    });
  }
}
