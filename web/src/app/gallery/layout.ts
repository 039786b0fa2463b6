// Where each picture of the gallery lies: rows of equal height that fill the width, in order.

export interface Tile {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly row: number;
}

export interface Row {
  readonly top: number;
  readonly height: number;
  /** The index of its first tile, and of the first tile after it. */
  readonly first: number;
  readonly end: number;
}

export interface Layout {
  readonly tiles: readonly Tile[];
  readonly rows: readonly Row[];
  readonly height: number;
}

export interface Space {
  /** Pixels, as all of these. */
  readonly width: number;
  readonly gap: number;
  readonly rowHeight: number;
}

/** A panorama or a pole is cut on its tile, or it would have a row of its own, or none. */
const NARROWEST = 0.55;
const WIDEST = 2.6;
/** A row may be so much higher than wanted before it stays unfilled. */
const STRETCH = 1.4;

/** Returns the height of rows that suits a width: about two pictures beside each other on a phone. */
export function rowHeightFor(width: number): number {
  return Math.round(Math.min(300, Math.max(124, 88 + width * 0.1)));
}

/** Returns the layout of pictures of these ratios (width by height). */
export function layOut(ratios: readonly number[], space: Space): Layout {
  const clamped = ratios.map((one) => Math.min(WIDEST, Math.max(NARROWEST, one)));
  const rows: Row[] = [];
  const tiles: Tile[] = [];
  let top = 0;
  for (let first = 0; first < clamped.length && space.width > 0;) {
    const { end, filled } = breakAfter(clamped, first, space);
    const height = heightOf(filled, end === clamped.length, space);
    tiles.push(...tilesOf(clamped.slice(first, end), { ...space, top, height, row: rows.length }));
    rows.push({ top, height, first, end });
    top += height + space.gap;
    first = end;
  }
  return { tiles, rows, height: Math.max(0, top - space.gap) };
}

interface Break {
  /** The index after a row's last picture, and the height at which the row is filled. */
  readonly end: number;
  readonly filled: number;
}

/** Returns where a row ends: where its height comes nearest to the wanted. */
function breakAfter(ratios: readonly number[], first: number, space: Space): Break {
  const { width, gap, rowHeight } = space;
  let end = first + 1;
  let sum = ratios[first] ?? 1;
  let filled = width / sum;
  for (; end < ratios.length && filled > rowHeight; end += 1) {
    sum += ratios[end] ?? 1;
    const within = (width - gap * (end - first)) / sum;
    if (rowHeight - within > filled - rowHeight) break;
    filled = within;
  }
  return { end, filled };
}

function heightOf(filled: number, isLast: boolean, { rowHeight }: Space): number {
  const unfilled = isLast && filled > rowHeight * STRETCH;
  return unfilled ? rowHeight : Math.min(filled, rowHeight * 2);
}

type RowSpace = Space & { readonly top: number; readonly height: number; readonly row: number };

/** Whole pixels, so that no seams show; the last tile of a filled row ends at the edge. */
function tilesOf(ratios: readonly number[], { top, height, row, gap }: RowSpace): Tile[] {
  let left = 0;
  return ratios.map((ratio) => {
    const from = Math.round(left);
    left += ratio * height;
    const tile = { left: from, top: Math.round(top), width: Math.round(left) - from, row };
    left += gap;
    return { ...tile, height: Math.round(top + height) - Math.round(top) };
  });
}

export interface Span {
  readonly first: number;
  readonly end: number;
}

/** Returns which tiles have to be there for what lies from *top* to *bottom*. */
export function tilesBetween({ rows }: Layout, top: number, bottom: number): Span {
  const first = rowAt(rows, top);
  let last = first;
  while (last < rows.length && (rows[last]?.top ?? bottom) < bottom) last += 1;
  return { first: rows[first]?.first ?? 0, end: rows[last - 1]?.end ?? 0 };
}

/** Returns the index of the first row that ends below *top*. */
function rowAt(rows: readonly Row[], top: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row && row.top + row.height <= top) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(0, rows.length - 1));
}

/** A picture that is to stay where it is on the screen, and how far its top is from the screen's. */
export interface Anchor {
  readonly id: string;
  readonly offset: number;
}

/** How far below the screen's top one looks first, in pixels. */
const ANCHOR_OFFSET = 200;

/** Returns the first picture of the row that is looked at; null at the very top. */
export function anchorAt(layout: Layout, ids: readonly string[], top: number): Anchor | null {
  if (top <= 0) return null;
  const row = layout.rows[rowAt(layout.rows, top + ANCHOR_OFFSET)];
  const id = row && ids[row.first];
  return row && id !== undefined ? { id, offset: row.top - top } : null;
}

/** Returns how far the page has to scroll to *anchor*; null if it is gone. */
export function topFor(layout: Layout, ids: readonly string[], anchor: Anchor): number | null {
  const tile = layout.tiles[ids.indexOf(anchor.id)];
  return tile ? tile.top - anchor.offset : null;
}
