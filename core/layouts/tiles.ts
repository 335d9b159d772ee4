/**
 * The part that all layouts share: a table says where the units of a stored
 * block go in the block of a tile, and packing follows it in both directions.
 *
 * @module
 */

import {
  checkRows,
  convertRows,
  resizeRows,
  type StoredRows,
  wholeBlocks,
} from "../convert_rows.ts";
import { decodeToF32 } from "../decode_stored.ts";
import { RookeryError } from "../errors.ts";
import { FORMAT_BLOCKS } from "../stored_tensor.ts";
import { type PackedLayout, paddedRows, TILE_ROWS } from "./layout.ts";

/** Units that stay together on their way from a stored block to a tile. */
export interface Piece {
  /** First unit in the stored block of one row. */
  readonly source: number;
  /** First unit of row 0 in the block of a tile; row r lies `r * units` on. */
  readonly target: number;
  /** Units in the piece. */
  readonly units: number;
}

/** What a layout adds to the shared part. */
export interface TileSpec extends
  Pick<
    PackedLayout,
    "name" | "block" | "element" | "quantize" | "decode" | "at"
  > {
  /** Bytes of a unit; stored blocks are whole units. */
  readonly unitBytes: 2 | 4;
  /** The table; together the pieces cover a stored block. */
  readonly pieces: readonly Piece[];
}

type Units = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Bytes of a storage element; all layouts index in fours of 32 bits. */
const ELEMENT_BYTES = 16;

/** Makes a layout from its table and its texts. */
export function defineLayout(spec: TileSpec): PackedLayout {
  const { unitBytes, pieces, ...own } = spec;
  const blockUnits = pieces.reduce((sum, piece) => sum + piece.units, 0);
  const blockBytes = blockUnits * unitBytes * TILE_ROWS;
  const move: Move = { unitBytes, pieces, blockUnits, blockBytes };
  const layout: PackedLayout = {
    ...own,
    blockElements: blockBytes / ELEMENT_BYTES,
    tileBytes(columns: number): number {
      return Math.ceil(columns / spec.block) * blockBytes;
    },
    packRows(format, bytes, rows, columns): Uint8Array<ArrayBuffer> {
      const count = rows * Math.ceil(columns / spec.block);
      const stored = ownBlocks(layout, { format, rows, columns }, bytes);
      const out = new Uint8Array(
        paddedRows(rows) / TILE_ROWS * layout.tileBytes(columns),
      );
      moveBlocks(
        move,
        viewUnits(stored, unitBytes),
        viewUnits(out, unitBytes),
        {
          rows,
          count,
          isPacking: true,
        },
      );
      return out;
    },
    unpackRows(bytes, rows, columns): Float32Array<ArrayBuffer> {
      const perRow = Math.ceil(columns / spec.block);
      const count = rows * perRow;
      checkUnpacked(layout, bytes, rows, columns);
      const stored = new Uint8Array(count * blockUnits * unitBytes);
      moveBlocks(
        move,
        viewUnits(stored, unitBytes),
        viewUnits(bytes, unitBytes),
        {
          rows,
          count,
          isPacking: false,
        },
      );
      const values = decodeToF32(spec.name, stored);
      return resizeRows(values, rows, perRow * spec.block, columns);
    },
  };
  return layout;
}

interface Move {
  readonly unitBytes: 2 | 4;
  readonly pieces: readonly Piece[];
  readonly blockUnits: number;
  readonly blockBytes: number;
}

interface MoveSize {
  readonly rows: number;
  /** Blocks of all rows together. */
  readonly count: number;
  readonly isPacking: boolean;
}

function moveBlocks(move: Move, stored: Units, tiled: Units, size: MoveSize) {
  const { pieces, blockUnits } = move;
  const tileBlock = move.blockBytes / move.unitBytes;
  const perRow = size.rows === 0 ? 0 : size.count / size.rows;
  for (let row = 0, at = 0; row < size.rows; row++) {
    const lane = row % TILE_ROWS;
    let base = (row - lane) / TILE_ROWS * perRow * tileBlock;
    for (let b = 0; b < perRow; b++, at += blockUnits, base += tileBlock) {
      for (const { source, target, units } of pieces) {
        const from = at + source, to = base + target + lane * units;
        for (let i = 0; i < units; i++) {
          if (size.isPacking) tiled[to + i] = stored[from + i]!;
          else stored[from + i] = tiled[to + i]!;
        }
      }
    }
  }
}

/** The rows as blocks of the layout's own stored format. */
function ownBlocks(
  layout: PackedLayout,
  stored: StoredRows,
  bytes: Uint8Array,
): Uint8Array {
  const { format, columns } = stored;
  checkRows(bytes, stored);
  const isOwn = format === layout.name &&
    wholeBlocks(columns, layout.block) ===
      wholeBlocks(columns, FORMAT_BLOCKS[format].elements);
  return isOwn ? bytes : convertRows(bytes, stored, layout);
}

/** A view in units; copies where the bytes do not start on a unit. */
function viewUnits(bytes: Uint8Array, unitBytes: 2 | 4): Units {
  const isPlain = bytes.buffer instanceof ArrayBuffer &&
    bytes.byteOffset % unitBytes === 0;
  const own = isPlain
    ? bytes as Uint8Array<ArrayBuffer>
    : new Uint8Array(bytes);
  const length = own.length / unitBytes;
  return unitBytes === 2
    ? new Uint16Array(own.buffer, own.byteOffset, length)
    : new Uint32Array(own.buffer, own.byteOffset, length);
}

function checkUnpacked(
  layout: PackedLayout,
  { length }: Uint8Array,
  rows: number,
  columns: number,
): void {
  const expected = Math.ceil(rows / TILE_ROWS) * layout.tileBytes(columns);
  if (length >= expected) return;
  throw new RookeryError(
    "dtype",
    `Cannot unpack ${rows} rows of ${columns} columns in layout ` +
      `${layout.name} as there are ${length} bytes: at least ${expected} are ` +
      "needed",
    { expected, actual: length },
  );
}
