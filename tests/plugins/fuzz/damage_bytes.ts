/**
 * Damaged copies of binary files: fields set to telling numbers, exchanged or
 * copied, texts changed, opcodes replaced, bytes lost or doubled.
 *
 * @module
 */

import fc from "fast-check";
import { anywhere } from "./anywhere.ts";
import type { Field } from "./recorded_fields.ts";

/** A file and what its bytes mean. */
export interface WholeFile {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** Its fields; the more there are, the less is left to chance. */
  readonly fields: readonly Field[];
}

const KINDS = [
  ...["number", "number", "nudge", "exchange", "copy", "letter", "opcode"],
  ...["set", "flip", "insert", "remove", "double", "move", "cut", "grow"],
] as const;

interface Damage {
  readonly kind: typeof KINDS[number];
  readonly place: number;
  readonly other: number;
  readonly value: number;
}

/** Sizes at which readers go wrong. */
const NUMBERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 7n, 8n, 16n, 32n, 64n, 127n, 128n, 255n, 256n],
  ...[15, 16, 31, 32, 40, 48, 52, 53, 62, 63, 64].flatMap((bits) => {
    const power = 1n << BigInt(bits);
    return [power - 1n, power, power + 1n];
  }),
];

const LETTERS = "0123456789()[]{}<>|',\": .TFOfiub/\\\n\0éabcdefxyz-+";
const OPCODES = "()012NJKMGXUTCB]laet}dsuqrhjcRQb.iIFLSV\x80\x81\x82\x85\x86" +
  "\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x93\x94\x95\x96\x97";

/** One to three damages of one of some files. */
export function damagedFiles(
  files: readonly WholeFile[],
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const damage = fc.record({
    kind: fc.constantFrom(...KINDS),
    place: anywhere(),
    other: anywhere(),
    value: fc.nat(255),
  }) as fc.Arbitrary<Damage>;
  const damages = fc.array(damage, { minLength: 1, maxLength: 3 });
  return fc.tuple(fc.nat(files.length - 1), damages)
    .map(([i, list]) => damaged(files[i]!, list));
}

/** The file after some damages. */
export function damaged(
  { bytes, fields }: WholeFile,
  damages: readonly Damage[],
): Uint8Array<ArrayBuffer> {
  const out = [...bytes];
  for (const damage of damages) {
    damageField(out, fields, damage);
    damageBytes(out, damage);
  }
  return Uint8Array.from(out);
}

/** The field at a place in a list. */
function pick<T>(list: readonly T[], place: number): T | undefined {
  return list[Math.floor(place * list.length)];
}

function damageField(
  out: number[],
  fields: readonly Field[],
  { kind, place, other, value }: Damage,
): void {
  const numbers = fields.filter(({ isText }) => !isText);
  const field = pick(numbers, place);
  if (field === undefined) return;
  const { start, width } = field;
  const alike = numbers.filter((each) => each.width === width);
  const from = pick(alike, other)!.start;
  const bytes = (at: number) => out.slice(at, at + width);
  const put = (at: number, content: readonly number[]) =>
    content.forEach((byte, i) => {
      if (at + i < out.length) out[at + i] = byte;
    });
  if (kind === "number") {
    put(start, littleEndian(pick(NUMBERS, other)!, width));
  } else if (kind === "nudge") {
    const delta = BigInt(value % 2 === 0 ? value >> 1 : -(value >> 1));
    const old = bytes(start)
      .reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    put(start, littleEndian(old + delta, width));
  } else if (kind === "exchange") {
    const [a, b] = [bytes(start), bytes(from)];
    put(start, b);
    put(from, a);
  } else if (kind === "copy") put(start, bytes(from));
  else if (kind === "opcode" && width === 1) {
    put(start, [pick([...OPCODES], other)!.charCodeAt(0)]);
  } else if (kind === "letter") {
    const text = pick(fields.filter(({ isText }) => isText), place);
    if (text === undefined) return;
    const at = text.start + Math.floor(other * text.width);
    put(at, [LETTERS.charCodeAt(value % LETTERS.length) & 255]);
  }
}

function littleEndian(value: bigint, width: number): number[] {
  const bits = BigInt.asUintN(8 * width, value);
  return Array.from(
    { length: width },
    (_, i) => Number((bits >> BigInt(8 * i)) & 255n),
  );
}

function damageBytes(
  out: number[],
  { kind, place, other, value }: Damage,
): void {
  const at = Math.floor(place * out.length);
  const length = 1 + Math.floor(other * 64);
  if (out.length === 0) return;
  if (kind === "set") out[at] = value;
  if (kind === "flip") out[at]! ^= 1 << (value % 8);
  if (kind === "insert") out.splice(at, 0, value);
  if (kind === "remove") out.splice(at, 1 + (value % 8));
  if (kind === "double") out.splice(at, 0, ...out.slice(at, at + length));
  if (kind === "move") {
    const [piece, to] = [
      out.splice(at, length),
      Math.floor(other * out.length),
    ];
    out.splice(to, 0, ...piece);
  }
  if (kind === "cut") out.length = at;
  if (kind === "grow") out.push(...Array<number>(length).fill(value));
}
