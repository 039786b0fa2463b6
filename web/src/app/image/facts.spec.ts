import type { Camera } from '../backend/models';
import { sampleImage } from '../shared/sample-image';
import { cameraName, exposureText, factsOf } from './facts';

const CAMERA: Camera = {
  make: 'NIKON CORPORATION',
  model: 'NIKON D90',
  lens: null,
  exposureSeconds: '1/10',
  aperture: 3.2,
  iso: 250,
  focalLengthMm: 24,
  takenAt: '2011-04-25T01:55:30',
};

describe('factsOf', () => {
  it('tells what is known, and leaves out what is not', () => {
    const notes = ['first of 3 pages'];
    const facts = factsOf(sampleImage({ notes }, { camera: CAMERA, orientation: 6 }));

    expect(facts.map((one) => [one.term, one.text])).toEqual([
      ['Camera', 'NIKON D90'],
      ['Exposure', '1/10 s · f/3.2 · ISO 250 · 24 mm'],
      ['Taken', '25 Apr 2011, 01:55'],
      ['Dimensions', '3,000 × 2,000 (6.0 megapixels)'],
      ['File', 'JPEG, 3 MB'],
      ['Colour space', 'sRGB'],
      ['Turned upright', 'by 90°'],
      ['SHA-256', 'c0ffee00…'],
      ['Note', 'first of 3 pages'],
    ]);
  });

  it('has nothing to tell of what has not come', () => {
    const nothing = { format: null, width: null, bytes: null, sha256: null, colourSpace: null };
    expect(factsOf(sampleImage({}, { ...nothing, orientation: null, frames: null }))).toEqual([]);
  });

  it('tells of high dynamic range, and leaves out a kind that it does not know', () => {
    const range = (hdr: string) =>
      factsOf(sampleImage({}, { hdr })).find((one) => one.term === 'Dynamic range')?.text;

    expect([range('pq'), range('gain_map'), range('later')]).toEqual([
      'high (PQ)',
      'high (gain map)',
      undefined,
    ]);
  });
});

describe('the camera', () => {
  it.each([
    ['Canon', 'Canon EOS 5D', 'Canon EOS 5D'],
    ['LEICA CAMERA AG', 'LEICA T (Typ 701)', 'LEICA T (Typ 701)'],
    ['Apple', 'iPhone 11 Pro', 'Apple iPhone 11 Pro'],
    [null, 'X100', 'X100'],
    ['Fuji', null, 'Fuji'],
    [null, null, ''],
  ])('of %s and %s is %s', (make, model, name) => {
    expect(cameraName({ make, model })).toBe(name);
  });

  it('tells of an exposure what it wrote', () => {
    expect(exposureText({ ...CAMERA, aperture: null, iso: null })).toBe('1/10 s · 24 mm');
  });
});
