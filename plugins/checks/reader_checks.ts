/**
 * Checks of readers: they know their own files, and read any slice of them.
 *
 * @module
 */

import { FORMAT_BLOCKS, type StoredTensor } from "../../core/stored_tensor.ts";
import { sizeOf } from "../../core/shape.ts";
import { madeValues } from "./made_values.ts";
import type { BuiltCase } from "./part_case.ts";

/** Bytes by which `recognises` must tell. */
const HEAD_BYTES = 512;

/** Checks a reader, with a file where one is given. */
export async function readerChecks(
  { value, subject, given, list }: BuiltCase<"reader">,
): Promise<void> {
  await list.check(subject, "it leaves other files alone", () => {
    if (!value.formats) throw new Error("formats is empty: name what it reads");
    const noise = Uint8Array.from(
      madeValues("noise", HEAD_BYTES),
      (made) => (made + 1) * 128,
    );
    for (const head of [new Uint8Array(0), noise]) {
      if (!value.recognises("notes.txt", head)) continue;
      throw new Error(`it takes notes.txt with ${head.length} random bytes`);
    }
    for (const ending of value.endings) {
      if (ending.startsWith(".")) continue;
      throw new Error(`the ending "${ending}" does not begin with a dot`);
    }
  });
  const { file } = given;
  if (file === undefined) {
    return list.leaveOut(subject, "open(), as its case names no file");
  }
  await list.check(subject, "it knows its file", async () => {
    using opened = await Deno.open(file);
    const head = new Uint8Array(HEAD_BYTES);
    const count = await opened.read(head) ?? 0;
    if (value.recognises(file, head.subarray(0, count))) return;
    throw new Error(`recognises() says no to ${file}`);
  });
  await list.check(subject, "tensors have the bytes they state", async () => {
    using checkpoint = await value.open(file);
    if (checkpoint.tensors.size === 0) throw new Error("it finds no tensor");
    for (const [name, tensor] of checkpoint.tensors) {
      if (tensor.name !== name) {
        throw new Error(`tensor ${name} calls itself ${tensor.name}`);
      }
      await checkTensor(tensor);
    }
  });
}

async function checkTensor(tensor: StoredTensor): Promise<void> {
  const { name, shape, format, sizeBytes } = tensor;
  const block = FORMAT_BLOCKS[format];
  const expected = sizeOf(shape) / block.elements * block.bytes;
  if (sizeBytes !== expected) {
    throw new Error(
      `${name} of ${sizeOf(shape)} × ${format} has ${sizeBytes} bytes, not ` +
        expected,
    );
  }
  const whole = await tensor.read(0, sizeBytes);
  const middle = Math.floor(sizeBytes / 2);
  const part = await tensor.read(middle, sizeBytes);
  const isSame = whole.length === sizeBytes &&
    part.every((byte, i) => byte === whole[middle + i]);
  if (isSame && part.length === sizeBytes - middle) return;
  throw new Error(`a slice of ${name} is not that part of the whole`);
}
