/**
 * The directory of a zip file: where its members lie. Nothing is unpacked
 * here; members that are stored as they are can be read in place.
 * Layout: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 *
 * @module
 */
import { ByteCursor } from "./byte_cursor.ts";
import { cannotRead, quoted } from "./cannot_read.ts";
import type { RangeFile } from "./range_file.ts";

/** A member's place among the bytes of a zip file. */
export interface ZipMember {
  /** Name with its folders. */
  readonly name: string;
  /** First byte of its content. */
  readonly start: number;
  /** Byte after its content. */
  readonly end: number;
  /** Whether the content lies there as it is, is deflated, or else. */
  readonly packing: "plain" | "deflated" | "other";
  /** Bytes of the content when it is unpacked. */
  readonly sizeBytes: number;
  /** CRC-32 of the unpacked content. */
  readonly checksum: number;
}

const END_RECORD = 0x06054b50;
const END_RECORD_BYTES = 22;
const END_64_RECORD = 0x06064b50;
const END_64_LOCATOR = 0x07064b50;
const END_64_LOCATOR_BYTES = 20;
const CENTRAL_RECORD = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL_RECORD = 0x04034b50;
const LOCAL_BYTES = 30;
const DEFLATE = 8;
const ALL_ONES_32 = 0xffffffff;
const ALL_ONES_16 = 0xffff;

/**
 * Members of a zip file by name. Zip64 is understood.
 *
 * @throws {RookeryError} `file` for a file without a directory, a name that is
 * there twice, or members that overlap or leave the file
 */
export function readZip(file: RangeFile): ReadonlyMap<string, ZipMember> {
  const directory = findDirectory(file);
  const end = directory.start + directory.sizeBytes;
  const cursor = new ByteCursor(file, directory.start, end);
  cursor.require(
    directory.count * CENTRAL_BYTES,
    `a directory of ${directory.count} members`,
  );
  const members = new Map<string, ZipMember>();
  for (let i = 0; i < directory.count; i++) {
    const member = readMember(file, cursor);
    if (members.has(member.name)) {
      throw cannotRead(
        file.path,
        `its member ${quoted(member.name)} is there twice`,
      );
    }
    members.set(member.name, member);
  }
  if (cursor.remaining > 0) {
    throw cannotRead(
      file.path,
      `its zip directory is damaged: ${cursor.remaining} bytes follow the ` +
        `${members.size} members that it counts`,
    );
  }
  checkApart(file.path, [...members.values()]);
  return members;
}

interface Directory {
  readonly start: number;
  readonly sizeBytes: number;
  readonly count: number;
}

function findDirectory(file: RangeFile): Directory {
  // The end record is the last thing but for a comment of up to 64 KiB.
  const tailStart = Math.max(
    0,
    file.sizeBytes - END_RECORD_BYTES - ALL_ONES_16,
  );
  const tail = file.read(tailStart, file.sizeBytes);
  const view = new DataView(tail.buffer);
  for (let at = tail.length - END_RECORD_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END_RECORD) continue;
    const count = view.getUint16(at + 10, true);
    const sizeBytes = view.getUint32(at + 12, true);
    const start = view.getUint32(at + 16, true);
    const isLarge = count === ALL_ONES_16 || sizeBytes === ALL_ONES_32 ||
      start === ALL_ONES_32;
    const directory = isLarge
      ? findDirectory64(file, tailStart + at)
      : { start, sizeBytes, count };
    if (directory.start + directory.sizeBytes > tailStart + at) break;
    return directory;
  }
  throw cannotRead(
    file.path,
    "it is a zip file without a directory at its end: it is cut short or " +
      "damaged. Fetch it again",
  );
}

function findDirectory64(file: RangeFile, endRecord: number): Directory {
  const locator = new ByteCursor(
    file,
    Math.max(0, endRecord - END_64_LOCATOR_BYTES),
    endRecord,
  );
  const isLocator = locator.u32() === END_64_LOCATOR;
  locator.u32(); // disk
  const record = new ByteCursor(file, isLocator ? locator.size() : 0);
  if (!isLocator || record.u32() !== END_64_RECORD) {
    throw cannotRead(file.path, "its zip64 directory cannot be found");
  }
  record.bytes(28); // sizes, versions and disks
  const count = record.size();
  const sizeBytes = record.size();
  return { count, sizeBytes, start: record.size() };
}

function readMember(file: RangeFile, cursor: ByteCursor): ZipMember {
  if (cursor.u32() !== CENTRAL_RECORD) {
    throw cannotRead(file.path, "its zip directory is damaged");
  }
  cursor.u32(); // versions
  const flags = cursor.u16();
  const method = cursor.u16();
  cursor.u32(); // time
  const checksum = cursor.u32();
  const packed = cursor.u32();
  const plain = cursor.u32();
  const nameBytes = cursor.u16();
  const extraBytes = cursor.u16();
  const commentBytes = cursor.u16();
  cursor.bytes(8); // disk, attributes
  const local = cursor.u32();
  const name = cursor.text(nameBytes, "a member's name");
  const extra = cursor.bytes(extraBytes, "a member's extra field");
  cursor.bytes(commentBytes, "a member's comment");
  const [size, stored, place] = widen(extra, [plain, packed, local]);
  const isEncrypted = (flags & 1) !== 0;
  const packing = !isEncrypted && method === 0 && size === stored
    ? "plain"
    : !isEncrypted && method === DEFLATE
    ? "deflated"
    : "other";
  const start = contentStart(file, name, { place, nameBytes });
  const end = start + stored;
  if (end > file.sizeBytes) {
    throw cannotRead(
      file.path,
      `it is cut short: its member ${quoted(name)} ends at byte ` +
        `${end}, the file has ${file.sizeBytes}`,
      { expected: end, actual: file.sizeBytes },
    );
  }
  return { name, start, end, packing, sizeBytes: size, checksum };
}

type Fields = [size: number, stored: number, place: number];

/** Replaces fields that are all ones by the zip64 extra's, in its order. */
function widen(extra: Uint8Array<ArrayBuffer>, fields: Fields): Fields {
  const view = new DataView(extra.buffer);
  for (let at = 0; at + 4 <= extra.length;) {
    const id = view.getUint16(at, true);
    const end = Math.min(at + 4 + view.getUint16(at + 2, true), extra.length);
    let from = at + 4;
    if (id === 1) {
      return fields.map((field) => {
        if (field !== ALL_ONES_32 || from + 8 > end) return field;
        from += 8;
        return Number(view.getBigUint64(from - 8, true));
      }) as Fields;
    }
    at = end;
  }
  return fields;
}

interface LocalHeader {
  readonly place: number;
  readonly nameBytes: number;
}

/** Content follows a local header, whose extra field has its own length. */
function contentStart(
  file: RangeFile,
  name: string,
  { place, nameBytes }: LocalHeader,
): number {
  const end = Math.min(place + LOCAL_BYTES + nameBytes, file.sizeBytes);
  const cursor = new ByteCursor(file, place, end);
  const isHeader = cursor.u32() === LOCAL_RECORD;
  cursor.skip(LOCAL_BYTES - 8, "a member's header");
  const [ownBytes, extraBytes] = [cursor.u16(), cursor.u16()];
  const isSame = isHeader && ownBytes === nameBytes &&
    cursor.text(ownBytes, "a member's name") === name;
  if (!isSame) {
    throw cannotRead(
      file.path,
      `its member ${quoted(name)} is not where its directory says`,
    );
  }
  return cursor.position + extraBytes;
}

function checkApart(path: string, members: readonly ZipMember[]): void {
  const order = members.filter(({ start, end }) => end > start)
    .sort((a, b) => a.start - b.start);
  for (let i = 1; i < order.length; i++) {
    const [before, after] = [order[i - 1]!, order[i]!];
    if (before.end > after.start) {
      throw cannotRead(
        path,
        `its members ${quoted(before.name)} and ${quoted(after.name)} overlap`,
      );
    }
  }
}

/**
 * Name of the first member of a zip file, by the file's first bytes; undefined
 * where it is none.
 */
export function firstMember(head: Uint8Array): string | undefined {
  if (head.length < LOCAL_BYTES) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if (view.getUint32(0, true) !== LOCAL_RECORD) return undefined;
  const end = LOCAL_BYTES + view.getUint16(26, true);
  return new TextDecoder().decode(head.subarray(LOCAL_BYTES, end));
}
