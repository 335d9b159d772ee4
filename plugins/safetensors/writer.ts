/**
 * Writes safetensors files, one tensor after another.
 *
 * @module
 */
import { FORMAT_BLOCKS } from "../../core/stored_tensor.ts";
import { quoted } from "../cannot_read.ts";
import { tensorBytes } from "../stored_range.ts";
import {
  cannotWrite,
  type TensorToWrite,
  writeTensor,
} from "../tensor_to_write.ts";
import { writeBytes, writeWhole } from "../whole_file.ts";
import {
  BLOCK_FORMATS,
  BLOCKS_KEY,
  type BlockTensor,
  shapeInBytes,
} from "./blocks.ts";
import { SAFETENSORS_DTYPES } from "./header.ts";

export type { TensorToWrite } from "../tensor_to_write.ts";

/**
 * Writes a file: first beside its place, then moved there, so that no reader
 * sees half of it. Wider numbers come first, which aligns all of them. Quantised
 * tensors become bytes of blocks, which `openSafetensors` gives back as they
 * were; other programs see U8.
 *
 * @param metadata strings for the header's `__metadata__`
 * @throws {RookeryError} `usage` for a name given twice, or data whose length
 * does not fit its shape
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = [...tensors].sort((a, b) => widthOf(b) - widthOf(a));
  const header = headerBytes(path, ordered, metadata);
  await writeWhole(path, async (file) => {
    await writeBytes(file, header);
    for (const tensor of ordered) {
      await writeTensor(file, path, inBytes(tensor));
    }
  });
}

/** The tensor as the file has it: blocks as bytes. */
function inBytes(tensor: TensorToWrite): TensorToWrite {
  if (!isBlocks(tensor.format)) return tensor;
  return { ...tensor, format: "u8", shape: shapeInBytes(tensor) };
}

/** Bytes of a number; blocks are bytes. */
function widthOf({ format }: TensorToWrite): number {
  return isBlocks(format) ? 1 : FORMAT_BLOCKS[format].bytes;
}

function isBlocks(format: TensorToWrite["format"]): boolean {
  return BLOCK_FORMATS.includes(format);
}

function headerBytes(
  path: string,
  tensors: readonly TensorToWrite[],
  given: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header = new Map<string, unknown>();
  const metadata = { ...given, ...blocksOf(path, tensors, given) };
  if (Object.keys(metadata).length > 0) header.set("__metadata__", metadata);
  let end = 0;
  for (const { name, shape, format } of tensors.map(inBytes)) {
    if (header.has(name) || name === "__metadata__") {
      throw cannotWrite(path, `the name ${quoted(name)} is taken`);
    }
    const begin = end;
    end += tensorBytes(path, name, shape, format);
    header.set(name, {
      dtype: dtypeOf(format),
      shape,
      data_offsets: [begin, end],
    });
  }
  const json = JSON.stringify(Object.fromEntries(header));
  const text = new TextEncoder().encode(json);
  // Padded with spaces, as the reference does, so that data starts aligned.
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(32);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}

/** The entry of `__metadata__` that says which tensors are blocks, if any. */
function blocksOf(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Record<string, string> {
  if (BLOCKS_KEY in metadata) {
    throw cannotWrite(
      path,
      `the metadata have ${BLOCKS_KEY}, which is written for the tensors: ` +
        "leave it out",
    );
  }
  const blocks = tensors.filter(({ format }) => isBlocks(format))
    .map(({ name, format, shape }): [string, BlockTensor] => [
      name,
      { format, shape },
    ]);
  return blocks.length === 0
    ? {}
    : { [BLOCKS_KEY]: JSON.stringify(Object.fromEntries(blocks)) };
}

/** Every format without blocks has a name. */
function dtypeOf(format: TensorToWrite["format"]): string {
  return SAFETENSORS_DTYPES.entries()
    .find(([, known]) => known === format)![0];
}
