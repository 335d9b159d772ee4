/**
 * The stack machine that a pickle is a program for: what its opcodes may do.
 *
 * @module
 */
import type { ByteCursor } from "../byte_cursor.ts";
import { cannotRead, quoted } from "../cannot_read.ts";
import {
  BytesInFile,
  PickleFunction,
  PickleName,
  PickleObject,
  type PickleRules,
} from "./pickle_values.ts";

/** There is none after it. */
const LAST_PROTOCOL = 5;

/** Integers longer than this are not sizes but an attack. */
const MAX_LONG_BYTES = 1024;

/** Marks a place on the stack. */
const MARK = Symbol("mark");

/** Stack and memo of one pickle. */
export class PickleMachine {
  /** Where its opcodes are read from. */
  readonly cursor: ByteCursor;
  readonly #rules: PickleRules;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();

  /** Starts with an empty stack. */
  constructor(cursor: ByteCursor, rules: PickleRules) {
    this.cursor = cursor;
    this.#rules = rules;
  }

  /** Error for a program that breaks a rule. */
  refuse(reason: string, cause?: unknown): Error {
    return cannotRead(
      this.cursor.path,
      `its pickle is refused near byte ${this.cursor.position}: ${reason}`,
      { cause },
    );
  }

  /** Checks the number of its protocol. */
  protocol(number: number): void {
    if (number <= LAST_PROTOCOL) return;
    throw this.refuse(
      `its protocol is ${number}, and ${LAST_PROTOCOL} the last`,
    );
  }

  /** Puts a value on the stack. */
  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** Marks the top of the stack. */
  mark(): void {
    this.push(MARK);
  }

  /** Takes the topmost value. */
  pop(): unknown {
    if (this.#stack.length === 0) throw this.refuse("its stack is empty");
    const value = this.#stack.pop();
    if (value === MARK) throw this.refuse("a mark is where a value must be");
    return value;
  }

  /** The topmost value, which stays. */
  peek(): unknown {
    const value = this.pop();
    this.push(value);
    return value;
  }

  /** Values above the last mark, which goes too. */
  popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw this.refuse("a mark is missing");
    const values = this.#stack.splice(at + 1);
    this.#stack.pop();
    return values;
  }

  /** The topmost values, lowest first. */
  popCount(count: number): unknown[] {
    const values = Array.from({ length: count }, () => this.pop());
    return values.reverse();
  }

  /** Keeps the topmost value under a number; left out, under the next one. */
  remember(index: number = this.#memo.size): void {
    this.#memo.set(index, this.peek());
  }

  /** Puts a value on the stack that was kept. */
  recall(index: number): void {
    if (!this.#memo.has(index)) {
      throw this.refuse(`it recalls memo ${index}, which was never set`);
    }
    this.push(this.#memo.get(index));
  }

  /** Puts what a global name stands for on the stack. */
  global(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string") {
      throw this.refuse("a global's name is no string");
    }
    const path = `${module}.${name}`;
    const value = this.#rules.globals.get(path);
    if (value === undefined) {
      throw this.refuse(
        `it wants ${quoted(path)}, and only ${this.#rules.allowed}`,
      );
    }
    this.push(value);
  }

  /** Calls a function. */
  reduce(): void {
    const [callee, args] = this.popCount(2);
    if (!(callee instanceof PickleFunction) || !Array.isArray(args)) {
      throw this.refuse("it calls something that is no function");
    }
    this.push(this.#attempt(() => callee.call(args)));
  }

  /** Replaces a persistent id by its value. */
  persistent(): void {
    const id = this.pop();
    const { persistent } = this.#rules;
    if (persistent === undefined) {
      throw this.refuse(`it has the persistent id ${quoted(id)}`);
    }
    this.push(this.#attempt(() => persistent(id)));
  }

  /** Fills an object. Attributes that are set on dicts do not matter. */
  build(): void {
    const state = this.pop();
    const target = this.peek();
    if (target instanceof PickleName || target instanceof PickleFunction) {
      throw this.refuse("it sets attributes of a class or function");
    }
    if (target instanceof PickleObject) {
      this.#attempt(() => target.setState(state));
    } else if (!(target instanceof Map) || !(state instanceof Map)) {
      throw this.refuse("it sets attributes of a value that has none");
    }
  }

  /** Adds values to the list on top of the stack. */
  append(values: readonly unknown[]): void {
    const target = this.peek();
    if (!Array.isArray(target)) throw this.refuse("it appends to no list");
    for (const value of values) target.push(value);
  }

  /** Adds keys and values in turn to the dict on top of the stack. */
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

  /** Makes a dict of keys and values in turn. */
  dict(values: readonly unknown[]): void {
    this.push(new Map());
    this.setItems(values);
  }

  /** Reads a byte string, or leaves it where it is. */
  bytes(count: number): void {
    const what = "bytes in its pickle";
    this.push(
      this.#isLeft(count)
        ? this.#leave(count, what, false)
        : this.cursor.bytes(count, what),
    );
  }

  /** Reads a text, or leaves it where it is. */
  text(count: number): void {
    const what = "a string in its pickle";
    this.push(
      this.#isLeft(count)
        ? this.#leave(count, what, true)
        : this.cursor.text(count, what),
    );
  }

  /** Reads an integer: two's complement, lowest byte first. */
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

  #isLeft(count: number): boolean {
    return count >= (this.#rules.leftInFile ?? Infinity);
  }

  #leave(count: number, what: string, isText: boolean): BytesInFile {
    const start = this.cursor.position;
    this.cursor.skip(count, what);
    return new BytesInFile(start, count, isText);
  }

  #attempt<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (error instanceof TypeError) throw this.refuse(error.message, error);
      throw error;
    }
  }
}
