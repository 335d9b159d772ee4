/** What the reader of NumPy files says of bytes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openNpz } from "../../../plugins/npz/reader.ts";

/** Message of opening and reading a file; empty where it is fine. */
export async function refusal(bytes: Uint8Array): Promise<string> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "weights.npz");
  await Deno.writeFile(path, bytes);
  try {
    using checkpoint = await openNpz(path);
    for (const tensor of checkpoint.tensors.values()) {
      await tensor.read(0, tensor.sizeBytes);
    }
    return "";
  } catch (error) {
    assert.ok(
      error instanceof Error && error.message.includes(path),
      `${error}`,
    );
    return error.message;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
