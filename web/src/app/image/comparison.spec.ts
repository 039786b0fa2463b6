import { RENDITIONS, sampleImage } from '../shared/sample-image';
import { comparisonOf, nameOf } from './comparison';

const [PROCESSED, , DISPLAY] = RENDITIONS;
const URL = 'https://originals.example/beach.jpg';

describe('comparisonOf', () => {
  it('is a slider where the whole picture is in both', () => {
    const image = sampleImage({}, { url: URL });
    expect(comparisonOf(image, DISPLAY, null)).toEqual({
      kind: 'slider',
      original: URL,
      rendition: DISPLAY,
    });
  });

  it('is side by side where the rendition is cut', () => {
    const image = sampleImage({}, { url: URL });
    expect(comparisonOf(image, PROCESSED, null)).toMatchObject({ kind: 'beside' });
  });

  it.each(['heic', 'tiff'])('says that browsers do not show %s', (format) => {
    const shown = comparisonOf(sampleImage({}, { url: URL, format }), DISPLAY, null);
    expect(shown).toMatchObject({ kind: 'alone' });
    expect(shown.kind === 'alone' && shown.reason).toContain(format.toUpperCase());
  });

  it('is laid out as it will stay while the original’s link is not there', () => {
    expect(comparisonOf(sampleImage(), DISPLAY, null)).toEqual({
      kind: 'slider',
      original: null,
      rendition: DISPLAY,
    });
    expect(comparisonOf(sampleImage(), PROCESSED, null)).toMatchObject({ kind: 'alone' });
  });

  it('shows the rendition where the original does not load', () => {
    const image = sampleImage({}, { url: URL });
    expect(comparisonOf(image, DISPLAY, 'unshown')).toMatchObject({ kind: 'alone' });
    expect(comparisonOf(sampleImage(), DISPLAY, 'unshown')).toMatchObject({ kind: 'alone' });
  });

  it('offers another try where the link to the original was not to be had', () => {
    const unlinked = comparisonOf(sampleImage(), DISPLAY, 'unlinked');
    expect(unlinked).toMatchObject({ kind: 'alone', retryable: true });

    const heic = comparisonOf(sampleImage({}, { format: 'heic' }), DISPLAY, 'unlinked');
    expect(heic).toMatchObject({ kind: 'alone', retryable: false });
  });

  it('is nothing without a rendition', () => {
    expect(comparisonOf(sampleImage(), undefined, null)).toEqual({ kind: 'nothing' });
  });
});

describe('nameOf', () => {
  it('writes formats as people do', () => {
    expect(RENDITIONS.map(nameOf)).toEqual([
      'processed JPEG',
      'thumb WebP',
      'display AVIF',
      'display WebP',
    ]);
  });
});
