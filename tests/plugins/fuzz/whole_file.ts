/**
 * Whole files with their fields.
 *
 * @module
 */

import type { WholeFile } from "./damage_bytes.ts";
import { recordedFields, zipFields } from "./recorded_fields.ts";

/** Reads that go through cursors; what comes of them is not looked at. */
type Open = (path: string) => Promise<Disposable | void>;

/** One after another: fields are recorded by changing a shared class. */
let recording: Promise<unknown> = Promise.resolve();

/** A file with the fields that a reader reads of it, and those of zip files. */
export async function wholeFile(path: string, open: Open): Promise<WholeFile> {
  const bytes = await Deno.readFile(path);
  const step = async () => {
    // Some of the files are refused when they are whole.
    const opened = await open(path).catch(() => {});
    opened?.[Symbol.dispose]();
  };
  const fields = recording.then(() => recordedFields(step));
  recording = fields;
  return { bytes, fields: [...await fields, ...zipFields(bytes)] };
}
