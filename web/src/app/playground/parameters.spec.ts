import { STARTING_WISHES, type Wishes, crops, gravitiesFor, parametersOf } from './parameters';

const BOX: Wishes = { ...STARTING_WISHES, width: 640, height: 360 };

describe('what an address asks for', () => {
  it('is at first a width that needs no signature', () => {
    expect(parametersOf(STARTING_WISHES)).toEqual({ w: 640 });
  });

  it('has nothing that is at its default', () => {
    expect(parametersOf({ ...BOX, width: null, height: null })).toEqual({});
    expect(parametersOf(BOX)).toEqual({ w: 640, h: 360 });
  });

  it('has all that was chosen', () => {
    const wishes: Wishes = {
      ...BOX,
      fit: 'cover',
      gravity: 'north-east',
      format: 'webp',
      quality: 40,
      blur: 2.5,
      sharpen: 0.3,
      saturation: -100,
      background: '112233',
      flip: 'hv',
      turn: 90,
    };
    expect(parametersOf(wishes)).toEqual({
      w: 640,
      h: 360,
      fit: 'cover',
      gravity: 'north-east',
      q: 40,
      fm: 'webp',
      blur: 2.5,
      bg: '112233',
      sharpen: 0.3,
      sat: -100,
      rotate: 90,
      flip: 'hv',
    });
  });

  it('has a point at the very edge, too', () => {
    const wishes: Wishes = { ...BOX, fit: 'crop', point: { x: 0, y: 1 } };
    expect(parametersOf(wishes)).toEqual({ w: 640, h: 360, fit: 'crop', 'fp-x': 0, 'fp-y': 1 });
  });

  it('leaves the point to the image where none was drawn', () => {
    expect(parametersOf({ ...BOX, fit: 'cover' })).toEqual({ w: 640, h: 360, fit: 'cover' });
  });

  it.each([
    ['cover', undefined],
    ['contain', undefined],
    ['clip', 'clip'],
    ['fill', 'clip'],
    ['scale', 'clip'],
  ] as const)('of one side has no box to fill: %s is %s', (fit, sent) => {
    const one = { ...BOX, height: null, fit, point: { x: 0.1, y: 0.1 } };
    expect(parametersOf(one)).toEqual({ w: 640, ...(sent && { fit: sent }) });
  });
});

describe('gravity', () => {
  it('matters where something is cut away', () => {
    expect(crops({ ...BOX, fit: 'crop' })).toBe(true);
    expect(crops({ ...BOX, fit: 'crop', height: null })).toBe(false);
    expect(gravitiesFor(BOX)).toEqual([]);
    const offered = gravitiesFor({ ...BOX, fit: 'cover' }).map(([one]) => one);
    expect(offered).toEqual(expect.arrayContaining(['attention', 'faces']));
    expect(parametersOf({ ...BOX, fit: 'crop', gravity: 'faces' }).gravity).toBe('faces');
  });

  it('places a padded picture by compass words alone', () => {
    const padded: Wishes = { ...BOX, fit: 'contain', gravity: 'attention' };
    const offered = gravitiesFor(padded).map(([one]) => one);
    expect(offered).not.toContain('attention');
    expect(offered).not.toContain('faces');
    expect(parametersOf(padded)).toEqual({ w: 640, h: 360, fit: 'contain' });
    expect(parametersOf({ ...padded, gravity: 'north' })).toMatchObject({ gravity: 'north' });
  });
});
