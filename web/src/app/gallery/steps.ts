// Where a key leads from one picture of the gallery to another.
import type { Layout, Tile } from './layout';

/** Returns the index that *key* leads to from *index*; null if it is no key of ours. */
export function stepFrom(
  layout: Layout,
  index: number,
  key: string,
  rowsAPage: number,
): number | null {
  const last = layout.tiles.length - 1;
  const tile = layout.tiles[index];
  if (!tile) return null;
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, index - 1);
    case 'ArrowRight':
      return Math.min(last, index + 1);
    case 'ArrowUp':
      return below(layout, tile, index, -1);
    case 'ArrowDown':
      return below(layout, tile, index, 1);
    case 'PageUp':
      return below(layout, tile, index, -rowsAPage);
    case 'PageDown':
      return below(layout, tile, index, rowsAPage);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return null;
  }
}

/** Returns the tile *rows* further down whose middle is nearest; the same one where there is no row. */
function below(layout: Layout, tile: Tile, index: number, rows: number): number {
  const wanted = Math.min(layout.rows.length - 1, Math.max(0, tile.row + rows));
  const row = layout.rows[wanted];
  if (!row || wanted === tile.row) return index;
  const middle = tile.left + tile.width / 2;
  let best = row.first;
  for (let one = row.first; one < row.end; one += 1) {
    if (distance(layout.tiles[one], middle) < distance(layout.tiles[best], middle)) best = one;
  }
  return best;
}

function distance(tile: Tile | undefined, x: number): number {
  return tile ? Math.abs(tile.left + tile.width / 2 - x) : Infinity;
}
