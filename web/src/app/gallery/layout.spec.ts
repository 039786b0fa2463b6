import { type Space, anchorAt, layOut, rowHeightFor, tilesBetween, topFor } from './layout';

const DESKTOP: Space = { width: 1200, gap: 8, rowHeight: 210 };
const RATIOS = [1.5, 1.333, 0.667, 1.778, 1, 1.5, 2.333, 0.75, 1.25, 0.5625];

function many(count: number): number[] {
  return Array.from({ length: count }, (_, index) => RATIOS[(index * 7) % RATIOS.length] ?? 1);
}

describe('layOut', () => {
  it('fills every row but the last to the edge, with the gap between tiles', () => {
    const { rows, tiles } = layOut(many(200), DESKTOP);

    for (const row of rows.slice(0, -1)) {
      const own = tiles.slice(row.first, row.end);
      expect(own[0]?.left).toBe(0);
      const last = own.at(-1);
      expect((last?.left ?? 0) + (last?.width ?? 0)).toBe(1200);
      own.slice(1).forEach((tile, index) => {
        const before = own[index];
        expect(Math.abs(tile.left - (before?.left ?? 0) - (before?.width ?? 0) - 8)).toBeLessThan(
          1.01,
        );
      });
    }
  });

  it('keeps ratios and order', () => {
    const ratios = many(200);
    const { rows, tiles } = layOut(ratios, DESKTOP);

    expect(tiles).toHaveLength(200);
    expect(rows.flatMap((row) => [row.first, row.end])).toEqual(
      rows.flatMap((row, index) => [rows[index - 1]?.end ?? 0, row.end]),
    );
    tiles.forEach((tile, index) => {
      expect(Math.abs(tile.width / tile.height - (ratios[index] ?? 0))).toBeLessThan(0.02);
    });
  });

  it('keeps rows near the wanted height', () => {
    for (const row of layOut(many(500), DESKTOP).rows) {
      expect(row.height).toBeGreaterThan(210 * 0.7);
      expect(row.height).toBeLessThan(210 * 1.45);
    }
  });

  it('leaves the last row unfilled rather than make it huge', () => {
    const { rows, tiles } = layOut([1.5], DESKTOP);

    expect(rows).toEqual([{ top: 0, height: 210, first: 0, end: 1 }]);
    expect(tiles[0]?.width).toBe(315);
  });

  it('does not move what is there when older images are added', () => {
    const before = layOut(many(100), DESKTOP);
    const after = layOut(many(150), DESKTOP);
    const settled = before.rows.at(-1)?.first ?? 0;

    expect(after.tiles.slice(0, settled)).toEqual(before.tiles.slice(0, settled));
  });

  it('cuts panoramas and poles, so that each row stays a row', () => {
    const { tiles } = layOut([40, 0.01, 1, 1], { width: 366, gap: 8, rowHeight: 130 });

    for (const tile of tiles) {
      expect(tile.width).toBeGreaterThan(40);
      expect(tile.height).toBeLessThan(270);
    }
  });

  it('has nothing to lay out without images or width', () => {
    expect(layOut([], DESKTOP)).toEqual({ tiles: [], rows: [], height: 0 });
    expect(layOut([1.5], { ...DESKTOP, width: 0 })).toEqual({ tiles: [], rows: [], height: 0 });
  });

  it('lays out ten thousand images, each once and one below the other', () => {
    const { tiles, rows, height } = layOut(many(10_000), DESKTOP);

    expect(tiles).toHaveLength(10_000);
    expect(rows.every((row, at) => row.top > (rows[at - 1]?.top ?? -1))).toBe(true);
    expect(height).toBeGreaterThan(rows.at(-1)?.top ?? Infinity);
  });
});

describe('rowHeightFor', () => {
  it('gives two landscapes a row on a phone, and more on wide screens', () => {
    const phone = layOut([1.5, 1.5, 1.5, 1.5], {
      width: 366,
      gap: 8,
      rowHeight: rowHeightFor(366),
    });
    expect(phone.rows.map((row) => row.end - row.first)).toEqual([2, 2]);
    expect(rowHeightFor(320)).toBeGreaterThan(110);
    expect(rowHeightFor(3000)).toBeLessThan(320);
  });
});

describe('tilesBetween', () => {
  const layout = layOut(many(300), DESKTOP);

  it('has every tile that reaches into the stretch', () => {
    for (const top of [-500, 0, 777, 4000, layout.height - 300]) {
      const { first, end } = tilesBetween(layout, top, top + 800);
      layout.tiles.forEach((tile, index) => {
        const inside = tile.top + tile.height > top + 1 && tile.top < top + 799;
        if (inside) expect(index >= first && index < end).toBe(true);
      });
      expect(end - first).toBeLessThan(60);
    }
  });

  it('is empty for an empty gallery', () => {
    expect(tilesBetween(layOut([], DESKTOP), 0, 800)).toEqual({ first: 0, end: 0 });
  });
});

describe('an anchor', () => {
  const ratios = many(120);
  const ids = ratios.map((_, index) => `id${index}`);
  const layout = layOut(ratios, DESKTOP);

  it('stays where it is on the screen when newer images come', () => {
    const top = 2345;
    const anchor = anchorAt(layout, ids, top);
    const newer = layOut([1.5, 1, 0.7, ...ratios], DESKTOP);
    const newIds = ['a', 'b', 'c', ...ids];

    const newTop = anchor && topFor(newer, newIds, anchor);

    const before = layout.tiles[ids.indexOf(anchor?.id ?? '')]?.top ?? NaN;
    const after = newer.tiles[newIds.indexOf(anchor?.id ?? '')]?.top ?? NaN;
    expect(Math.abs(after - (newTop ?? NaN) - (before - top))).toBeLessThan(1);
  });

  it('is none at the top, where the newest are to be seen', () => {
    expect(anchorAt(layout, ids, 0)).toBeNull();
    expect(anchorAt(layout, ids, -200)).toBeNull();
  });

  it('leads nowhere once it is deleted', () => {
    expect(topFor(layout, ids, { id: 'gone', offset: 0 })).toBeNull();
  });
});
