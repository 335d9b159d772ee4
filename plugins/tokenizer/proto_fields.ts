/**
 * Fields of a protocol buffer, one level deep.
 * Layout: https://protobuf.dev/programming-guides/encoding
 *
 * @module
 */

import { cannotRead } from "../cannot_read.ts";

/** A field with the value of its wire type. */
export interface ProtoField {
  /** Its number. */
  readonly number: number;
  /** A variable-length integer; exact below 2^53. */
  readonly integer?: number;
  /** A text, bytes or message. */
  readonly bytes?: Uint8Array<ArrayBuffer>;
  /** Four bytes as a float. */
  readonly float?: number;
}

/** How values lie, by the lowest three bits of a field's tag. */
const WIRE = { integer: 0, eightBytes: 1, bytes: 2, fourBytes: 5 } as const;

/**
 * All fields of a message in order.
 *
 * @param path of the file, for messages
 * @throws {RookeryError} `file` when it ends early or is no message
 */
export function fieldsOf(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
): ProtoField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: ProtoField[] = [];
  let at = 0;
  const take = (count: number) => {
    if (count > bytes.length - at) {
      throw cannotRead(path, "it ends within a field, or is no such file");
    }
    at += count;
    return at - count;
  };
  const integer = () => {
    let value = 0;
    for (let scale = 1; scale < 2 ** 70; scale *= 128) {
      const byte = bytes[take(1)]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw cannotRead(path, "it has a number of more than ten bytes");
  };
  while (at < bytes.length) {
    const tag = integer();
    const number = Math.floor(tag / 8);
    const wire = tag % 8;
    if (wire === WIRE.integer) fields.push({ number, integer: integer() });
    else if (wire === WIRE.eightBytes) take(8);
    else if (wire === WIRE.bytes) {
      const start = take(integer());
      fields.push({ number, bytes: bytes.subarray(start, at) });
    } else if (wire === WIRE.fourBytes) {
      fields.push({ number, float: view.getFloat32(take(4), true) });
    } else {
      throw cannotRead(path, `it has a field of wire type ${wire}`);
    }
  }
  return fields;
}
