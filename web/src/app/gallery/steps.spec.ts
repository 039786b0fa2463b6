import { layOut } from './layout';
import { stepFrom } from './steps';

// Three rows of four squares, then one of two.
const layout = layOut(Array<number>(14).fill(1), { width: 430, gap: 10, rowHeight: 100 });

describe('stepFrom', () => {
  it('has rows to walk over', () => {
    expect(layout.rows.map((row) => row.end - row.first)).toEqual([4, 4, 4, 2]);
  });

  it.each([
    ['ArrowRight', 0, 1],
    ['ArrowRight', 3, 4],
    ['ArrowRight', 13, 13],
    ['ArrowLeft', 4, 3],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 1, 5],
    ['ArrowDown', 11, 13],
    ['ArrowDown', 13, 13],
    ['ArrowUp', 5, 1],
    ['ArrowUp', 1, 1],
    ['PageDown', 1, 9],
    ['PageUp', 9, 1],
    ['PageUp', 5, 1],
    ['Home', 9, 0],
    ['End', 2, 13],
  ])('%s leads from %d to %d', (key, from, to) => {
    expect(stepFrom(layout, from, key, 2)).toBe(to);
  });

  it('leaves all other keys alone', () => {
    expect(stepFrom(layout, 0, 'Enter', 2)).toBeNull();
    expect(stepFrom(layout, 99, 'ArrowLeft', 2)).toBeNull();
  });
});
