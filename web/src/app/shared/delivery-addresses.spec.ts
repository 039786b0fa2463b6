import { addressOf, baseOf, isOnGrid } from './delivery-addresses';
import { RENDITIONS, sampleImage } from './sample-image';

const RULES = { widths: [320, 640] };

describe('the addresses of an image', () => {
  it('begin with its ID where the renditions are', () => {
    expect(baseOf(sampleImage())).toBe('https://cdn.example/i/01M7');
  });

  it('of a private one have its owner as its renditions have it', () => {
    const url = 'https://page.example/p/auth0%257Cann/01M7/abc/thumb.webp';
    const renditions = RENDITIONS.slice(0, 1).map((one) => ({ ...one, url }));
    const image = sampleImage({ visibility: 'private', renditions });
    expect(baseOf(image)).toBe('https://page.example/p/auth0%257Cann/01M7');
  });

  it('are not known before it has a rendition', () => {
    expect(baseOf(sampleImage({ renditions: [] }))).toBeNull();
  });

  it('have a name that is harmless anywhere, and their parameters', () => {
    const base = 'https://cdn.example/i/01M7';
    expect(addressOf(base, 'Am "Strand".jpg', { w: 640, fm: 'webp' })).toBe(
      `${base}/Am-Strand?w=640&fm=webp`,
    );
    expect(addressOf(base, '海.jpg', {})).toBe(`${base}/image`);
  });
});

describe('an address without a signature', () => {
  it.each([
    [{ w: 640 }, true],
    [{ w: 640, fm: 'avif' }, true],
    [{ w: 641 }, false],
    [{ w: 640, fm: 'png' }, false],
    [{ w: 640, q: 60 }, false],
    [{ h: 640 }, false],
    [{}, false],
  ])('for %o is open: %s', (parameters, open) => {
    expect(isOnGrid(parameters, RULES)).toBe(open);
  });

  it('is never open where there is no grid', () => {
    expect(isOnGrid({ w: 640 }, { widths: [] })).toBe(false);
  });
});
