/**
 * A restricted unpickler: it builds plain containers, numbers, strings and
 * torch tensors, and refuses every other name. It imports and runs nothing.
 * Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 *
 * @module
 */
import type { ByteCursor } from "../byte_cursor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import {
  PickleFunction,
  StorageClass,
  storageOf,
  TORCH_GLOBALS,
  type TorchStorage,
} from "./torch_values.ts";

/** Integers longer than this are not sizes but an attack. */
const MAX_LONG_BYTES = 1024;

/** Values grow with opcodes; a hundred thousand tensors need fewer. */
const MAX_OPERATIONS = 1 << 22;

/** Marks a place on the stack. */
const MARK = Symbol("mark");

/**
 * Reads one pickle and leaves the cursor behind it. Lists and tuples become
 * arrays, dicts maps, bytes `Uint8Array`s, tensors `TorchTensor`s.
 *
 * @param onStorage is told every storage that is named
 * @throws {RookeryError} `file` that names any other global, opcode or error
 */
export function unpickle(
  cursor: ByteCursor,
  onStorage: (storage: TorchStorage) => void = () => {},
): unknown {
  return new Unpickler(cursor, onStorage).run();
}

type Operation = (machine: Unpickler) => void;

/** The stack machine that a pickle is a program for. */
class Unpickler {
  readonly cursor: ByteCursor;
  readonly stack: unknown[] = [];
  readonly memo = new Map<number, unknown>();
  readonly #onStorage: (storage: TorchStorage) => void;

  constructor(
    cursor: ByteCursor,
    onStorage: (storage: TorchStorage) => void,
  ) {
    this.cursor = cursor;
    this.#onStorage = onStorage;
  }

  run(): unknown {
    for (let count = 0; count < MAX_OPERATIONS; count++) {
      const opcode = this.cursor.u8();
      if (opcode === STOP) return this.pop();
      const operation = OPERATIONS.get(opcode);
      if (operation === undefined) {
        throw this.refuse(
          `opcode ${opcode} (${quoted(String.fromCharCode(opcode))}) is not ` +
            `one that tensors need`,
        );
      }
      operation(this);
    }
    throw this.refuse(`it has more than ${MAX_OPERATIONS} opcodes`);
  }

  refuse(reason: string, cause?: unknown): Error {
    return cannotRead(
      this.cursor.path,
      `its pickle is refused near byte ${this.cursor.position}: ${reason}`,
      { cause },
    );
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) throw this.refuse("its stack is empty");
    const value = this.stack.pop();
    if (value === MARK) throw this.refuse("a mark is where a value must be");
    return value;
  }

  peek(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  /** Values above the last mark, which goes too. */
  popToMark(): unknown[] {
    const at = this.stack.lastIndexOf(MARK);
    if (at < 0) throw this.refuse("a mark is missing");
    const values = this.stack.splice(at + 1);
    this.stack.pop();
    return values;
  }

  popCount(count: number): unknown[] {
    const values = Array.from({ length: count }, () => this.pop());
    return values.reverse();
  }

  remember(index: number): void {
    this.memo.set(index, this.peek());
  }

  recall(index: number): void {
    if (!this.memo.has(index)) {
      throw this.refuse(`it recalls memo ${index}, which was never set`);
    }
    this.push(this.memo.get(index));
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.refuse("a global's name is no string");
    }
    const path = `${module}.${name}`;
    const value = TORCH_GLOBALS.get(path);
    if (value === undefined) {
      throw this.refuse(
        `it wants ${quoted(path)}, and only tensors, plain containers, ` +
          `numbers and strings are read. Save a state_dict of tensors instead`,
      );
    }
    this.push(value);
  }

  reduce(): void {
    const [callee, args] = this.popCount(2);
    if (!(callee instanceof PickleFunction) || !Array.isArray(args)) {
      throw this.refuse("it calls something that is no function");
    }
    this.push(this.attempt(() => callee.call(args)));
  }

  persistent(): void {
    const id = this.pop();
    const storage = this.attempt(() => storageOf(id));
    this.#onStorage(storage);
    this.push(storage);
  }

  /** Values of dicts matter here; attributes that are set beside do not. */
  build(): void {
    this.pop();
    const target = this.peek();
    if (target instanceof StorageClass || target instanceof PickleFunction) {
      throw this.refuse("it sets attributes of a class or function");
    }
  }

  append(values: readonly unknown[]): void {
    const target = this.peek();
    if (!Array.isArray(target)) throw this.refuse("it appends to no list");
    for (const value of values) target.push(value);
  }

  setItems(values: readonly unknown[]): void {
    const target = this.peek();
    if (!(target instanceof Map) || values.length % 2 !== 0) {
      throw this.refuse("it sets items of no dict");
    }
    for (let i = 0; i < values.length; i += 2) {
      if (target.has(values[i])) {
        throw this.refuse(`the key ${quoted(values[i])} is there twice`);
      }
      target.set(values[i], values[i + 1]);
    }
  }

  dict(values: readonly unknown[]): void {
    this.push(new Map());
    this.setItems(values);
  }

  bytes(count: number): void {
    this.push(this.cursor.bytes(count, "bytes in its pickle"));
  }

  text(count: number): void {
    this.push(this.cursor.text(count, "a string in its pickle"));
  }

  /** Two's complement, lowest byte first. */
  long(count: number): void {
    if (count > MAX_LONG_BYTES || count < 0) {
      throw this.refuse(`an integer of ${count} bytes is not a size`);
    }
    const bytes = this.cursor.bytes(count, "an integer in its pickle");
    const big = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const value = BigInt.asIntN(count * 8, big);
    const number = Number(value);
    this.push(Number.isSafeInteger(number) ? number : value);
  }

  attempt<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (error instanceof TypeError) throw this.refuse(error.message, error);
      throw error;
    }
  }
}

const STOP = ".".charCodeAt(0);

/** What each opcode does; those that could build other objects are left out. */
const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x80, (m) => m.cursor.u8()], // protocol
  [0x95, (m) => m.cursor.size()], // frame
  ["(".charCodeAt(0), (m) => m.push(MARK)],
  ["0".charCodeAt(0), (m) => m.pop()],
  ["1".charCodeAt(0), (m) => m.popToMark()],
  ["2".charCodeAt(0), (m) => m.push(m.peek())],
  ["N".charCodeAt(0), (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  ["J".charCodeAt(0), (m) => m.push(m.cursor.i32())],
  ["K".charCodeAt(0), (m) => m.push(m.cursor.u8())],
  ["M".charCodeAt(0), (m) => m.push(m.cursor.u16())],
  ["G".charCodeAt(0), (m) => m.push(m.cursor.f64BigEndian())],
  [0x8a, (m) => m.long(m.cursor.u8())],
  [0x8b, (m) => m.long(m.cursor.i32())],
  [0x8c, (m) => m.text(m.cursor.u8())],
  ["X".charCodeAt(0), (m) => m.text(m.cursor.u32())],
  [0x8d, (m) => m.text(m.cursor.size())],
  ["U".charCodeAt(0), (m) => m.text(m.cursor.u8())],
  ["T".charCodeAt(0), (m) => m.text(m.cursor.u32())],
  ["C".charCodeAt(0), (m) => m.bytes(m.cursor.u8())],
  ["B".charCodeAt(0), (m) => m.bytes(m.cursor.u32())],
  [0x8e, (m) => m.bytes(m.cursor.size())],
  ["]".charCodeAt(0), (m) => m.push([])],
  ["l".charCodeAt(0), (m) => m.push(m.popToMark())],
  ["a".charCodeAt(0), (m) => m.append(m.popCount(1))],
  ["e".charCodeAt(0), (m) => m.append(m.popToMark())],
  [")".charCodeAt(0), (m) => m.push([])],
  [0x85, (m) => m.push(m.popCount(1))],
  [0x86, (m) => m.push(m.popCount(2))],
  [0x87, (m) => m.push(m.popCount(3))],
  ["t".charCodeAt(0), (m) => m.push(m.popToMark())],
  ["}".charCodeAt(0), (m) => m.push(new Map())],
  ["d".charCodeAt(0), (m) => m.dict(m.popToMark())],
  ["s".charCodeAt(0), (m) => m.setItems(m.popCount(2))],
  ["u".charCodeAt(0), (m) => m.setItems(m.popToMark())],
  ["q".charCodeAt(0), (m) => m.remember(m.cursor.u8())],
  ["r".charCodeAt(0), (m) => m.remember(m.cursor.u32())],
  [0x94, (m) => m.remember(m.memo.size)],
  ["h".charCodeAt(0), (m) => m.recall(m.cursor.u8())],
  ["j".charCodeAt(0), (m) => m.recall(m.cursor.u32())],
  ["c".charCodeAt(0), (m) => m.global(m.cursor.line(), m.cursor.line())],
  [0x93, (m) => {
    const [module, name] = m.popCount(2);
    m.global(module, name);
  }],
  ["R".charCodeAt(0), (m) => m.reduce()],
  ["Q".charCodeAt(0), (m) => m.persistent()],
  ["b".charCodeAt(0), (m) => m.build()],
]);
