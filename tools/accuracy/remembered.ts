/**
 * Long measurements that go on where they were ended: what was measured lies in
 * a folder that is not committed.
 *
 * @module
 */

import { join } from "node:path";
import { writeWhole } from "../../plugins/whole_file.ts";

const FOLDER = "accuracy_output";

/** What was measured under a name before, else what `measure` finds now. */
export async function remembered<T>(
  name: string,
  measure: () => Promise<T>,
): Promise<T> {
  const file = `${name.replaceAll(/[^\w.]+/g, "_")}.json`;
  const path = join(FOLDER, file);
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const found = await measure();
  await Deno.mkdir(FOLDER, { recursive: true });
  const bytes = new TextEncoder().encode(JSON.stringify(found));
  await writeWhole(path, async (out) => {
    await out.write(bytes);
  });
  return found;
}
