import {
  candidates,
  fillingOf,
  isMoving,
  keepsRatio,
  plainestOf,
  ratioOf,
  renditionAt,
  srcsetOf,
  widestOf,
} from './renditions';
import { RENDITIONS, rendition, sampleImage } from './sample-image';

function names(list: readonly { readonly preset: string; readonly format: string }[]): string[] {
  return list.map((one) => `${one.preset}.${one.format}`);
}

describe('ratioOf', () => {
  it('is that of the upright original', () => {
    expect(ratioOf(sampleImage())).toBe(1.5);
  });

  it('is the widest rendition’s while the original is read again', () => {
    expect(ratioOf(sampleImage({}, { width: null, height: null }))).toBeCloseTo(1.5, 2);
  });

  it('is a guess where nothing is known', () => {
    const unknown = { width: null, height: null };
    expect(ratioOf(sampleImage({ renditions: [] }, unknown))).toBe(1.5);
    expect(ratioOf(sampleImage({ renditions: [], placeholder: '§§§' }, unknown))).toBe(1.5);
  });
});

describe('keepsRatio', () => {
  it('forgives what whole pixels cost', () => {
    expect(keepsRatio({ width: 320, height: 213 }, 1.5)).toBe(true);
    expect(keepsRatio({ width: 1, height: 320 }, 1 / 500)).toBe(true);
    expect(keepsRatio({ width: 320, height: 2 }, 200)).toBe(true);
  });

  it('sees a crop', () => {
    expect(keepsRatio({ width: 512, height: 512 }, 1.5)).toBe(false);
    expect(keepsRatio({ width: 512, height: 512 }, 1.02)).toBe(false);
  });
});

describe('candidates', () => {
  it('leave out what is cut, smallest first and of equals the better format first', () => {
    expect(names(candidates(sampleImage()))).toEqual([
      'thumb.webp',
      'display.avif',
      'display.webp',
    ]);
  });

  it('leave out the marked square of a square picture', () => {
    const square = { width: 2000, height: 2000 };
    const renditions = [
      rendition('processed', 'jpeg', 512, 512),
      rendition('thumb', 'webp', 320, 320),
    ];
    expect(names(candidates(sampleImage({ renditions }, square)))).toEqual(['thumb.webp']);
  });

  it('take the marked square where there is nothing else', () => {
    const renditions = [rendition('processed', 'jpeg', 512, 512)];
    const image = sampleImage({ renditions }, { width: 900, height: 900 });
    expect(names(candidates(image))).toEqual(['processed.jpeg']);
  });

  it('move if the original moves', () => {
    const moving = sampleImage({}, { format: 'gif', frames: 44 });
    expect(isMoving(moving)).toBe(true);
    expect(names(candidates(moving))).toEqual(['thumb.webp', 'display.webp']);
  });
});

describe('the best rendition', () => {
  it('to look at is the widest in the better format', () => {
    expect(widestOf(RENDITIONS)).toMatchObject({ preset: 'display', format: 'avif' });
    expect(widestOf([])).toBeUndefined();
  });

  it('to fill a screen is the smallest that is wide enough', () => {
    const fit = candidates(sampleImage());

    expect(fillingOf(fit, 320)).toMatchObject({ preset: 'thumb' });
    expect(fillingOf(fit, 321)).toMatchObject({ preset: 'display', format: 'avif' });
    expect(fillingOf(fit, 9_000)).toMatchObject({ preset: 'display', format: 'avif' });
    expect(fillingOf([], 320)).toBeUndefined();
  });

  it('for every browser is no AVIF unless there is nothing else', () => {
    expect(plainestOf(RENDITIONS)).toMatchObject({ preset: 'display', format: 'webp' });
    expect(plainestOf([rendition('display', 'avif', 9, 9)])).toMatchObject({ format: 'avif' });
  });
});

describe('srcsetOf', () => {
  it('has each width once', () => {
    expect(srcsetOf(candidates(sampleImage()))).toBe(
      'https://cdn.example/01M7/abc/thumb.webp 320w, https://cdn.example/01M7/abc/display.avif 1600w',
    );
  });

  it('leads back to the rendition that was chosen of it', () => {
    const odd = { ...rendition('a', 'webp', 5, 5), url: 'https://cdn.example/a b,' };
    const image = sampleImage({ renditions: [...RENDITIONS, odd] });
    expect(renditionAt(image, 'https://cdn.example/01M7/abc/thumb.webp')?.preset).toBe('thumb');
    expect(renditionAt(image, 'https://cdn.example/a%20b%2C')).toBe(odd);
    expect(renditionAt(image, 'https://cdn.example/other.webp')).toBeUndefined();
  });

  it('keeps an address with a comma or a space in one piece', () => {
    const odd = { ...rendition('a', 'webp', 5, 5), url: 'https://cdn.example/a b,' };
    expect(srcsetOf([odd])).toBe('https://cdn.example/a%20b%2C 5w');
  });
});
