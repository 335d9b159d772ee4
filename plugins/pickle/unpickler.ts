/**
 * A restricted unpickler: it builds plain containers, numbers, strings and
 * what its rules list, and refuses every other name. It imports and runs
 * nothing.
 * Opcodes: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 *
 * @module
 */
import type { ByteCursor } from "../byte_cursor.ts";
import { quoted } from "../cannot_read.ts";
import { PickleMachine } from "./pickle_machine.ts";
import type { PickleRules } from "./pickle_values.ts";

/** Values grow with opcodes; a hundred thousand tensors need fewer. */
const MAX_OPERATIONS = 1 << 22;

/**
 * Reads one pickle and leaves the cursor behind it. Lists and tuples become
 * arrays, dicts maps, bytes `Uint8Array`s.
 *
 * @throws {RookeryError} `file` that names any global that the rules do not
 * list, any other opcode or error
 */
export function unpickle(cursor: ByteCursor, rules: PickleRules): unknown {
  const machine = new PickleMachine(cursor, rules);
  for (let count = 0; count < MAX_OPERATIONS; count++) {
    const opcode = cursor.u8();
    if (opcode === STOP) return machine.pop();
    const operation = OPERATIONS.get(opcode);
    if (operation === undefined) {
      throw machine.refuse(
        `opcode ${opcode} (${quoted(String.fromCharCode(opcode))}) is not ` +
          `one that weights need`,
      );
    }
    operation(machine);
  }
  throw machine.refuse(`it has more than ${MAX_OPERATIONS} opcodes`);
}

type Operation = (machine: PickleMachine) => void;

const STOP = ".".charCodeAt(0);

/** What each opcode does; those that could build other objects are left out. */
const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x80, (m) => m.protocol(m.cursor.u8())],
  [0x95, (m) => m.cursor.size()], // frame
  ["(".charCodeAt(0), (m) => m.mark()],
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
  [0x96, (m) => m.bytes(m.cursor.size())], // bytearray
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
  [0x94, (m) => m.remember()],
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
