/**
 * Writes safetensors files, one tensor after another.
 *
 * @module
 */
import { RookeryError } from "../../core/errors.ts";
import { FORMAT_BLOCKS, type StoredFormat } from "../../core/stored_tensor.ts";
import { quoted } from "../cannot_read.ts";
import { tensorBytes } from "../stored_range.ts";
import { SAFETENSORS_DTYPES } from "./header.ts";

/** A tensor to write. */
export interface TensorToWrite {
  /** Name in the file; each only once. */
  readonly name: string;
  /** Sizes, outermost first. */
  readonly shape: readonly number[];
  /** Number format; quantised ones have no name in safetensors. */
  readonly format: StoredFormat;
  /** Row-major little-endian bytes, whole or in pieces. */
  readonly data: Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * Writes a file: first beside its place, then moved there, so that no reader
 * sees half of it. Wider numbers come first, which aligns all of them.
 *
 * @param metadata strings for the header's `__metadata__`
 * @throws {RookeryError} `usage` for a name given twice, a format that
 * safetensors does not have, or data whose length does not fit its shape
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const ordered = [...tensors].sort((a, b) =>
    FORMAT_BLOCKS[b.format].bytes - FORMAT_BLOCKS[a.format].bytes
  );
  const header = headerBytes(path, ordered, metadata);
  const partial = `${path}.${crypto.randomUUID()}.partial`;
  try {
    await writeAll(partial, path, { header, tensors: ordered });
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
  }
}

function headerBytes(
  path: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) header.set("__metadata__", metadata);
  let end = 0;
  for (const { name, shape, format } of tensors) {
    if (header.has(name) || name === "__metadata__") {
      throw cannotWrite(path, `the name ${quoted(name)} is taken`);
    }
    const begin = end;
    end += tensorBytes(path, name, shape, format);
    const dtype = dtypeOf(path, name, format);
    header.set(name, { dtype, shape, data_offsets: [begin, end] });
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

function dtypeOf(path: string, name: string, format: StoredFormat): string {
  for (const [dtype, known] of SAFETENSORS_DTYPES) {
    if (known === format) return dtype;
  }
  throw cannotWrite(
    path,
    `tensor ${quoted(name)} has the format ${format}, which safetensors ` +
      `does not have: decode it first`,
  );
}

interface FileContent {
  readonly header: Uint8Array;
  readonly tensors: readonly TensorToWrite[];
}

async function writeAll(
  partial: string,
  path: string,
  { header, tensors }: FileContent,
): Promise<void> {
  using file = await Deno.open(partial, { write: true, createNew: true });
  await writeBytes(file, header);
  for (const { name, shape, format, data } of tensors) {
    const expected = tensorBytes(path, name, shape, format);
    let written = 0;
    for await (const piece of data instanceof Uint8Array ? [data] : data) {
      written += piece.length;
      if (written > expected) break;
      await writeBytes(file, piece);
    }
    if (written !== expected) {
      throw cannotWrite(
        path,
        `the data of tensor ${quoted(name)} do not fit its shape ` +
          `${quoted(shape)} and format ${format}: ${expected} bytes are ` +
          `needed, ${written} were given`,
        { expected, actual: written },
      );
    }
  }
}

async function writeBytes(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await file.write(bytes.subarray(at));
  }
}

function cannotWrite(
  path: string,
  reason: string,
  facts: { readonly expected?: unknown; readonly actual?: unknown } = {},
): RookeryError {
  return new RookeryError("usage", `Cannot write ${path} as ${reason}`, {
    path,
    ...facts,
  });
}
