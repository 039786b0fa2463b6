import { CENTRE, frameOf, isSame, objectPosition, placeText, pointAfter, pointAt } from './focal';

describe('a focal point', () => {
  it('follows the arrow keys, and leaps with Shift', () => {
    expect(pointAfter('ArrowLeft', false, CENTRE)).toEqual({ x: 0.49, y: 0.5 });
    expect(pointAfter('ArrowDown', false, CENTRE)).toEqual({ x: 0.5, y: 0.51 });
    expect(pointAfter('ArrowUp', true, CENTRE)).toEqual({ x: 0.5, y: 0.4 });
    expect(pointAfter('Enter', false, CENTRE)).toBeNull();
  });

  it('stays on the picture', () => {
    expect(pointAfter('ArrowRight', true, { x: 0.95, y: 0 })).toEqual({ x: 1, y: 0 });
    const box = { left: 100, top: 50, width: 200, height: 100 };
    expect(pointAt({ clientX: 90, clientY: 200 }, box)).toEqual({ x: 0, y: 1 });
    expect(pointAt({ clientX: 150, clientY: 125 }, box)).toEqual({ x: 0.25, y: 0.75 });
    expect(pointAt({ clientX: 1, clientY: 1 }, { ...box, width: 0 })).toEqual(CENTRE);
  });

  it('has no more decimals than an address takes', () => {
    const box = { left: 0, top: 0, width: 3, height: 7 };
    expect(pointAt({ clientX: 1, clientY: 1 }, box)).toEqual({ x: 0.333, y: 0.143 });
  });

  it('is told apart from another one, and from none', () => {
    expect(isSame({ x: 0, y: 1 }, { x: 0, y: 1 })).toBe(true);
    expect(isSame({ x: 0, y: 1 }, { x: 0, y: 0 })).toBe(false);
    expect(isSame(null, { x: 0, y: 0 })).toBe(false);
    expect(isSame(null, null)).toBe(true);
  });

  it('is said in words', () => {
    expect(placeText(0.335, 'left')).toBe('34 % from the left');
  });
});

describe('a crop', () => {
  it.each([
    [{ x: 0.5, y: 0.5 }, { left: 0.25, top: 0, width: 0.5, height: 1 }, '50% 50%'],
    [{ x: 0.6, y: 0.1 }, { left: 0.35, top: 0, width: 0.5, height: 1 }, '70% 50%'],
    [{ x: 0.1, y: 0.5 }, { left: 0, top: 0, width: 0.5, height: 1 }, '0% 50%'],
    [{ x: 1, y: 0.5 }, { left: 0.5, top: 0, width: 0.5, height: 1 }, '100% 50%'],
  ])(
    'of a wide picture around %o is centred there as far as the edges allow',
    (point, frame, css) => {
      const found = frameOf(point, 2, 1);

      for (const side of ['left', 'top', 'width', 'height'] as const) {
        expect(found[side]).toBeCloseTo(frame[side], 9);
      }
      expect(objectPosition({ ...found, left: Number(found.left.toFixed(9)) })).toBe(css);
    },
  );

  it('of a high picture is cut above and below', () => {
    expect(frameOf({ x: 0.2, y: 0.75 }, 0.5, 1)).toEqual({
      left: 0,
      top: 0.5,
      width: 1,
      height: 0.5,
    });
  });

  it('of the same shape is the whole picture', () => {
    expect(frameOf({ x: 0, y: 1 }, 1.5, 1.5)).toEqual({ left: 0, top: 0, width: 1, height: 1 });
  });
});
