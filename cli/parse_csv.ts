/**
 * Tables of comma-separated values (RFC 4180): quoted fields, doubled quotes,
 * line breaks within quotes.
 *
 * @module
 */

import { badItem } from "./read_json_lines.ts";

/** A row by the names of its columns, and where it begins. */
export interface CsvRow {
  /** Values by column; empty ones are left out. */
  readonly value: Readonly<Record<string, string>>;
  /** `FILE:LINE`, for messages. */
  readonly place: string;
}

/** One record: its fields, and the line that it begins on, from 1. */
interface CsvRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

/**
 * Rows of a table whose first line names the columns; empty lines do not count.
 *
 * @throws {RookeryError} `prompt` for a row of another length than the first
 * line, or a quote that is not closed
 */
export function parseCsv(text: string, path: string): CsvRow[] {
  const [head, ...records] = csvRecords(text.replace(/^\ufeff/, ""), path);
  const names = head?.fields.map((name) => name.trim()) ?? [];
  return records.map(({ fields, line }) => {
    const place = `${path}:${line}`;
    if (fields.length !== names.length) {
      throw badItem(
        place,
        `it has ${fields.length} fields and the first line ${names.length}: ` +
          "put fields with commas in quotes",
      );
    }
    const filled = names.map((name, i) => [name, fields[i]!.trim()] as const)
      .filter(([, field]) => field !== "");
    return { value: Object.fromEntries(filled), place };
  });
}

function csvRecords(text: string, path: string): CsvRecord[] {
  // A field in quotes or without, and what ends it.
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  const records: CsvRecord[] = [];
  let fields: string[] = [], line = 1, begin = 1;
  while (pattern.lastIndex < text.length || fields.length > 0) {
    const match = pattern.exec(text);
    if (match === null) {
      throw badItem(
        `${path}:${line}`,
        "its quotes do not match: close each quoted field, and double quotes " +
          "within it",
      );
    }
    const [whole, quoted, plain, end] = match;
    fields.push(quoted?.replaceAll('""', '"') ?? plain!);
    line += whole.split("\n").length - 1;
    if (end === ",") continue;
    if (fields.length > 1 || fields[0]!.trim() !== "") {
      records.push({ fields, line: begin });
    }
    [fields, begin] = [[], line];
  }
  return records;
}
