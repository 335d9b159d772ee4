/**
 * Readers of weights files as targets.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { decodeToF32 } from "../../../core/decode_stored.ts";
import { type Checkpoint, FORMAT_BLOCKS } from "../../../core/stored_tensor.ts";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { openNpz } from "../../../plugins/npz/reader.ts";
import { openSafetensors } from "../../../plugins/safetensors/reader.ts";
import { openTorch } from "../../../plugins/torch/reader.ts";
import { goldenPath } from "../golden_checkpoint.ts";
import { damagedFiles, type WholeFile } from "./damage_bytes.ts";
import { damagedJson } from "./damage_json.ts";
import type { FuzzTarget, Measure } from "./run_fuzz.ts";
import { wholeFile } from "./whole_file.ts";

type Open = (path: string) => Promise<Checkpoint>;

/** All readers of weights files. */
export async function readerTargets(): Promise<FuzzTarget[]> {
  return [
    await binary("gguf", openGguf, ["all.gguf", "v2.gguf", "k_quants.gguf"]),
    await binary("torch zip", openTorch, [
      ...["zip.pt", "nested_zip.pt", "protocol4.pt", "protocol5.pt"],
      ...["evil_zip.pt", "training_average.pt", "training_list.pt"],
    ]),
    await binary("torch legacy", openTorch, [
      ...["legacy.pth", "nested_legacy.pth", "long_legacy.pth"],
      ...["protocol4_legacy.pth", "evil_legacy.pth", "evil.pkl"],
    ]),
    await binary("haiku pickle", openNpz, [
      ...["haiku_2.npz", "haiku_3.npz", "haiku_4.npz", "haiku_5.npz"],
      ...["evil_haiku.npz", "objects.npy"],
    ]),
    // Compressed members stand for more bytes than they have.
    {
      ...await binary("npz", openNpz, [
        ...["all.npz", "deflated.npz", "objects.npz", "versions.npz"],
        ...["evil_objects.npz", "evil_deflated.npz", "single.npy"],
      ]),
      ratio: 1032,
    },
    { ...await repacked(), ratio: 1032 },
    await safetensors(),
    await safetensorsIndex(),
  ];
}

async function binary(
  name: string,
  open: Open,
  files: readonly string[],
): Promise<FuzzTarget> {
  const whole = await Promise.all(
    files.map((file) => wholeFile(goldenPath(file), open)),
  );
  return {
    name,
    file: "weights",
    cases: damagedFiles(whole),
    run: (path, measure) => readAll(path, open, measure),
  };
}

/** Opens a file, reads every tensor as its shape says, whole and in part. */
async function readAll(
  path: string,
  open: Open,
  measure: Measure,
): Promise<void> {
  using checkpoint = await measure(() => open(path));
  assert.ok(typeof checkpoint.metadata === "object");
  for (const [name, tensor] of checkpoint.tensors) {
    const { shape, format, sizeBytes } = tensor;
    const { elements, bytes } = FORMAT_BLOCKS[format];
    const count = shape.reduce((product, size) => product * size, 1);
    assert.equal(tensor.name, name);
    assert.equal(sizeBytes, count / elements * bytes, name);
    const content = await measure(() => tensor.read(0, sizeBytes));
    assert.equal(content.length, sizeBytes, name);
    assert.equal(decodeToF32(format, content).length, count, name);
    const [from, to] = [Math.floor(sizeBytes / 3), Math.ceil(sizeBytes / 2)];
    const part = await tensor.read(from, to);
    assert.deepEqual([...part], [...content.subarray(from, to)], name);
  }
}

/** Arrays damaged inside an archive that is whole, or damaged too. */
async function repacked(): Promise<FuzzTarget> {
  const members: WholeFile[] = [];
  for (const file of ["all.npz", "versions.npz", "objects.npz"]) {
    const zip = unzipSync(await Deno.readFile(goldenPath(file)));
    for (const bytes of Object.values(zip)) {
      const header = 10 + bytes[8]! + 256 * bytes[9]!;
      const number = (start: number, width: number) =>
        ({ start, width, isText: false }) as const;
      const fields = [
        ...[number(6, 1), number(7, 1), number(8, 2)],
        { start: 10, width: header - 10, isText: true },
      ];
      members.push({ bytes, fields });
    }
  }
  const cases = fc.tuple(
    damagedFiles(members),
    fc.constantFrom(...members),
    fc.constantFrom(0, 1, 9),
  ).map(([damaged, { bytes }, level]) => {
    const zip = zipSync(
      { "a.npy": damaged, "b/c.npy": bytes },
      { level: level as 0 | 1 | 9 },
    );
    return new Uint8Array(zip);
  });
  return {
    name: "npz, arrays in it",
    file: "weights.npz",
    cases,
    run: (path, measure) => readAll(path, openNpz, measure),
  };
}

/** A header as JSON with a length before it and data behind. */
async function safetensors(): Promise<FuzzTarget> {
  const whole = await Promise.all(
    ["all.safetensors", "inputs.safetensors"].map(async (file) => {
      const bytes = await Deno.readFile(goldenPath(file));
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const end = 8 + length;
      const text = new TextDecoder().decode(bytes.subarray(8, end));
      const fields = [
        { start: 0, width: 8, isText: false },
        { start: 8, width: length, isText: true },
      ];
      return {
        bytes,
        fields,
        header: JSON.parse(text),
        data: bytes.subarray(end),
      };
    }),
  );
  const framed = fc.tuple(
    damagedJson(whole.map(({ header }) => header)),
    fc.constantFrom(...whole.map(({ data }) => data)),
    fc.constantFrom(0, 0, 0, 0, 1, -1, 64),
  ).map(([json, data, change]) => {
    const rest = data.slice(0, Math.max(0, data.length + change));
    const out = new Uint8Array(8 + json.length + rest.length);
    new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
    out.set(json, 8);
    out.set(rest, 8 + json.length);
    return out;
  });
  return {
    name: "safetensors",
    file: "weights.safetensors",
    cases: fc.oneof(framed, damagedFiles(whole)),
    run: (path, measure) => readAll(path, openSafetensors, measure),
  };
}

async function safetensorsIndex(): Promise<FuzzTarget> {
  const beside: Record<string, Uint8Array> = {};
  for await (const { name } of Deno.readDir(goldenPath("sharded"))) {
    beside[name] = await Deno.readFile(goldenPath(`sharded/${name}`));
  }
  const file = "model.safetensors.index.json";
  const index = JSON.parse(new TextDecoder().decode(beside[file]));
  return {
    name: "safetensors index",
    file,
    beside,
    names: "folder",
    // A small index names larger files.
    ratio: 8,
    cases: damagedJson([index]),
    run: (path, measure) => readAll(path, openSafetensors, measure),
  };
}
