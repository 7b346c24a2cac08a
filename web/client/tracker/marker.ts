/**
 * The marker of the latency measurement: a 16-bit code as black and white cells at the picture's upper left.
 *
 * Cells have a side of floor(width / 40) pixels; 6 columns and 4 rows start at one cell from both edges, with half a
 * cell of grey around. Row by row: (0,0) white, (0,5) black, (3,0) black, (3,5) white; the other 20 cells hold the code,
 * most significant bit first, then its checksum, the XOR of its four nibbles. White is 1.
 */
import type { Pixels } from "./sampler";

const COLUMNS = 6;
const ROWS = 4;
const WHITE_CORNERS = [0, 23] as const;
const BLACK_CORNERS = [5, 18] as const;

/** Side of a cell for a picture of this width, pixels. */
export function cellSide(width: number): number {
  return Math.floor(width / 40);
}

/** Columns and rows of cells that hold the marker and its margin, from the upper left corner of the picture. */
export const AREA = { columns: COLUMNS + 2, rows: ROWS + 2 } as const;

function checksum(code: number): number {
  return ((code >> 12) ^ (code >> 8) ^ (code >> 4) ^ code) & 15;
}

/** The 24 cells of a code, row by row, 1 for white. */
export function cellsOf(code: number): Uint8Array {
  const cells = new Uint8Array(COLUMNS * ROWS);
  for (const corner of WHITE_CORNERS) cells[corner] = 1;
  const bits = (code << 4) | checksum(code);
  for (let i = 0, bit = 19; i < cells.length; i++) {
    if (isCorner(i)) continue;
    cells[i] = (bits >> bit--) & 1;
  }
  return cells;
}

/** Draws the code into the picture. */
export function drawMarker(picture: Pixels, code: number): void {
  const c = cellSide(picture.width);
  const half = c >> 1;
  fillGrey(picture, c - half, c - half, COLUMNS * c + 2 * half, ROWS * c + 2 * half, 128);
  const cells = cellsOf(code);
  for (let i = 0; i < cells.length; i++) {
    const column = i % COLUMNS;
    const row = (i - column) / COLUMNS;
    fillGrey(picture, c * (1 + column), c * (1 + row), c, c, cells[i]! * 255);
  }
}

/**
 * Reads the code out of a picture whose upper left corner is that of the marked picture; cell is that picture's cell
 * side. Returns -1 where there is no marker or its checksum is wrong.
 */
export function readMarker(picture: Pixels, cell: number): number {
  const level = (i: number): number => {
    const column = i % COLUMNS;
    const row = (i - column) / COLUMNS;
    return meanGreen(picture, cell * (1 + column), cell * (1 + row), cell);
  };
  const white = Math.min(...WHITE_CORNERS.map(level));
  const black = Math.max(...BLACK_CORNERS.map(level));
  if (white - black < 60) return -1;
  const middle = (white + black) / 2;
  let bits = 0;
  for (let i = 0; i < COLUMNS * ROWS; i++) {
    if (!isCorner(i)) bits = (bits << 1) | (level(i) > middle ? 1 : 0);
  }
  const code = bits >> 4;
  return checksum(code) === (bits & 15) ? code : -1;
}

function isCorner(i: number): boolean {
  return i === 0 || i === 5 || i === 18 || i === 23;
}

function fillGrey(picture: Pixels, left: number, top: number, width: number, height: number, grey: number): void {
  const stride = 4 * picture.width;
  for (let y = top; y < top + height; y++) {
    picture.data.fill(grey, y * stride + 4 * left, y * stride + 4 * (left + width));
    for (let x = left; x < left + width; x++) picture.data[y * stride + 4 * x + 3] = 255;
  }
}

/** Mean of the green channel over the middle half of a cell: its border is where the codec rings. */
function meanGreen(picture: Pixels, left: number, top: number, cell: number): number {
  const inset = cell >> 2;
  let sum = 0;
  let taken = 0;
  for (let y = top + inset; y < top + cell - inset; y++) {
    for (let x = left + inset; x < left + cell - inset; x++, taken++) {
      sum += picture.data[4 * (y * picture.width + x) + 1]!;
    }
  }
  return sum / taken;
}
