import { toImage } from './models';

const SPARSE = {
  id: '01A',
  version: 3,
  status: 'READY',
  filename: '<img src=x onerror=alert(1)>.jpg',
  source: 'UPLOAD',
  createdAt: '2026-11-21T10:00:00.000Z',
  updatedAt: '2026-11-21T10:00:01.000Z',
} as const;

describe('an image', () => {
  it('is the same from HTTP, which leaves out, and from GraphQL, which says null', () => {
    const http = toImage({ ...SPARSE, original: { width: 300, camera: { make: 'Nikon' } } });
    const graphql = toImage({
      ...SPARSE,
      owner: null,
      placeholder: null,
      failure: null,
      timings: null,
      removed: [],
      notes: null,
      renditions: [],
      original: { width: 300, height: null, camera: { make: 'Nikon', iso: null } },
    });

    expect(http).toEqual(graphql);
    expect(http.original.camera?.iso).toBeNull();
    expect(http.timings).toBeNull();
  });

  it('drops what the page does not know, such as keys of the buckets', () => {
    const rendition = {
      preset: 'thumb',
      format: 'webp',
      contentType: 'image/webp',
      width: 320,
      height: 240,
      bytes: 9_000,
      url: 'https://cdn/01A/r/thumb.webp',
    };
    const stored = { ...rendition, key: '01A/r/thumb.webp' };

    const image = toImage({ ...SPARSE, original: {}, renditions: [stored] });

    expect(image.renditions).toEqual([rendition]);
  });

  it('has a private rendition at this page’s address, and the signed one to give away', () => {
    const rendition = {
      preset: 'thumb',
      format: 'webp',
      contentType: 'image/webp',
      width: 1,
      height: 1,
      bytes: 1,
      url: 'https://images.example/p/auth0%257Cada/01A/r/thumb.webp',
    };
    const signed = `${rendition.url}?e=7200&s=signature`;
    const own = `${location.origin}/p/auth0%257Cada/01A/r/thumb.webp`;
    const told = { ...SPARSE, original: {}, visibility: 'private' } as const;

    const http = toImage({ ...told, renditions: [{ ...rendition, url: signed }] });
    const graphql = toImage({ ...told, renditions: [rendition] });

    expect(http.renditions[0]).toEqual({ ...rendition, url: own, signed });
    expect(graphql.renditions[0]).toEqual({ ...rendition, url: own });
  });

  it('has no rendition without an address', () => {
    const rendition = {
      preset: 'thumb',
      format: 'webp',
      contentType: 'image/webp',
      width: 1,
      height: 1,
      bytes: 1,
      url: null,
    };

    expect(toImage({ ...SPARSE, original: {}, renditions: [rendition] }).renditions).toEqual([]);
  });
});
