import { labelOf, positionAfter, positionAt, positionText } from './slider';

describe('the slider', () => {
  it.each([
    ['ArrowLeft', 50, 48],
    ['ArrowRight', 50, 52],
    ['ArrowUp', 50, 52],
    ['ArrowDown', 1, 0],
    ['PageUp', 95, 100],
    ['PageDown', 50, 40],
    ['Home', 50, 0],
    ['End', 50, 100],
  ])('goes with %s from %d to %d', (key, from, to) => {
    expect(positionAfter(key, from)).toBe(to);
  });

  it('leaves other keys alone', () => {
    expect(positionAfter('Tab', 50)).toBeNull();
  });

  it('follows a pointer, and stops at the edges', () => {
    const box = { left: 100, width: 400 };
    expect(positionAt(200, box)).toBe(25);
    expect(positionAt(0, box)).toBe(0);
    expect(positionAt(900, box)).toBe(100);
    expect(positionAt(900, { left: 0, width: 0 })).toBe(50);
  });

  it('says what is seen', () => {
    const text = (position: number): string =>
      positionText(position, 'display AVIF', 'shown', 'Original');
    expect(text(60)).toBe('60 % Original, 40 % display AVIF');
    expect(text(0)).toBe('only display AVIF');
    expect(text(100)).toBe('only Original');
    expect(labelOf('shown', 'thumb WebP')).toBe('thumb WebP');
  });

  it.each([
    ['idle', 'Slide to compare'],
    ['fetching', 'Loading…'],
  ] as const)('does not speak of an original that is %s as if it were seen', (fetching, words) => {
    expect(labelOf(fetching, 'Original')).toBe(words);
    expect(positionText(60, 'display AVIF', fetching, 'Original')).toBe(
      `only display AVIF. ${words}`,
    );
  });
});
