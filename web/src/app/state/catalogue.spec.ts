import type { Image } from '../backend/models';
import {
  type Catalogue,
  NOTHING_KNOWN,
  markDeleted,
  endOf,
  filterImages,
  listed,
  mergeImage,
  mergeImages,
  missingFrom,
} from './catalogue';
import { rendition, sampleImage } from '../shared/sample-image';
import { example } from './examples';

const catalogue = (...images: Image[]): Catalogue => mergeImages(NOTHING_KNOWN, images);
const ids = (images: readonly Image[]): string[] => images.map((one) => one.id);

describe('merging', () => {
  it('keeps the higher version, whichever comes first', () => {
    const [early, late] = [example({ version: 2 }), example({ version: 3, status: 'READY' })];

    expect(mergeImage(early, late)).toBe(late);
    expect(mergeImage(late, early)).toBe(late);
  });

  it('keeps the very object that is known when the same is received again', () => {
    const known = example({ version: 3 });

    expect(mergeImage(known, example({ version: 3 }))).toBe(known);
    expect(mergeImages(catalogue(known), [example({ version: 3 })]).get('01A')).toBe(known);
  });

  it('takes addresses that are signed for longer, but brings nothing back by them', () => {
    const signedFor = (seconds: number): Image =>
      sampleImage({
        visibility: 'private',
        renditions: [
          { ...rendition('thumb', 'webp', 2, 1), signed: `https://cdn/p/x?e=${seconds}` },
        ],
      });
    const [known, longer, unsigned] = [signedFor(3600), signedFor(7200), sampleImage()];
    const gone = markDeleted(catalogue(known), known.id);

    expect(mergeImage(known, longer)).toBe(longer);
    expect(mergeImage(longer, known)).toBe(longer);
    expect(mergeImage(known, unsigned)).toBe(known);
    expect(mergeImages(gone, [longer])).toBe(gone);
  });

  it('returns the very same catalogue if nothing is new', () => {
    const all = catalogue(example({ version: 3 }));

    expect(mergeImages(all, [example({ version: 2 }), example({ version: 3 })])).toBe(all);
  });

  it('takes the newest of several received at once, in any order', () => {
    const received = [2, 4, 3].map((version) => example({ version }));

    expect(mergeImages(NOTHING_KNOWN, received).get('01A')?.version).toBe(4);
  });

  it('keeps a deleted image deleted when older news comes late', () => {
    const all = catalogue(example({ version: 5, status: 'DELETED' }));

    const later = mergeImages(all, [example({ version: 4, status: 'READY' })]);

    expect(later.get('01A')?.status).toBe('DELETED');
  });

  it('buries what the API does not have, and digs it up for a newer version only', () => {
    const deleted = markDeleted(catalogue(example({ version: 3, status: 'READY' })), '01A');

    const same = mergeImages(deleted, [example({ version: 3, status: 'READY' })]);
    const newer = mergeImages(deleted, [example({ version: 5, status: 'READY' })]);

    expect(same.get('01A')?.status).toBe('DELETED');
    expect(newer.get('01A')?.status).toBe('READY');
  });

  it('buries also what was never known, until there is news of it', () => {
    const deleted = markDeleted(NOTHING_KNOWN, '01A');

    expect(deleted.get('01A')?.status).toBe('DELETED');
    expect(markDeleted(deleted, '01A')).toBe(deleted);
    expect(listed(deleted, new Set(), null)).toEqual([]);
    expect(mergeImages(deleted, [example({ version: 1 })]).get('01A')?.version).toBe(1);
  });
});

describe('the listing', () => {
  it('has the newest first, without the deleted and the hidden', () => {
    const all = catalogue(
      example({ id: '01A' }),
      example({ id: '01C' }),
      example({ id: '01B' }),
      example({ id: '01D', status: 'DELETED' }),
    );

    expect(ids(listed(all, new Set(['01A']), null))).toEqual(['01C', '01B']);
  });

  it('ends where it was read, also if something below is known', () => {
    const all = catalogue(example({ id: '01A' }), example({ id: '01B' }), example({ id: '01C' }));
    const end = endOf({ images: [example({ id: '01C' }), example({ id: '01B' })], cursor: 'x' });

    expect(ids(listed(all, new Set(), end))).toEqual(['01C', '01B']);
  });

  it('is filtered by a part of the name in either case, and by status', () => {
    const images = [
      example({ id: '01A', filename: 'Beach.JPG', status: 'READY' }),
      example({ id: '01B', filename: 'beach house.png', status: 'FAILED' }),
      example({ id: '01C', filename: 'forest.jpg', status: 'READY' }),
    ];

    const by = (name: string, ...statuses: Image['status'][]): string[] =>
      ids(filterImages(images, { name, statuses: new Set(statuses) }));

    expect(by(' BEACH ')).toEqual(['01A', '01B']);
    expect(by('', 'READY')).toEqual(['01A', '01C']);
    expect(by('beach', 'READY')).toEqual(['01A']);
    expect(by('')).toEqual(['01A', '01B', '01C']);
  });
});

describe('what a page should have had', () => {
  const all = catalogue(
    ...['01A', '01B', '01C', '01D'].map((id) => example({ id, status: 'READY' })),
    example({ id: '01E', status: 'DELETED' }),
  );

  it('is what lies in its stretch, as far as it was not deleted already', () => {
    const page = { images: [example({ id: '01D' }), example({ id: '01B' })], cursor: 'more' };

    expect(missingFrom(all, page, null)).toEqual(['01C']);
  });

  it('reaches to the very end on the last page', () => {
    const page = { images: [example({ id: '01D' })], cursor: null };

    expect(missingFrom(all, page, null)).toEqual(['01A', '01B', '01C']);
  });

  it('begins where the page before ended', () => {
    const page = { images: [example({ id: '01A' })], cursor: null };

    expect(missingFrom(all, page, example({ id: '01C' }))).toEqual(['01B']);
  });
});
