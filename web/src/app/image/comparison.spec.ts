import { RENDITIONS, sampleImage } from '../shared/sample-image';
import { PRIVATE, comparisonOf, nameOf } from './comparison';

const [PROCESSED, THUMB, DISPLAY] = RENDITIONS;
const URL = 'https://originals.example/beach.jpg';

describe('comparisonOf', () => {
  it('is a slider where the whole picture is in both', () => {
    expect(comparisonOf(sampleImage(), DISPLAY, URL, null)).toEqual({
      kind: 'slider',
      left: URL,
      leftName: 'Original',
      rendition: DISPLAY,
    });
  });

  it('is side by side where the rendition is cut', () => {
    expect(comparisonOf(sampleImage(), PROCESSED, URL, null)).toMatchObject({ kind: 'beside' });
  });

  it.each(['heic', 'tiff'])('says that browsers do not show %s', (format) => {
    const shown = comparisonOf(sampleImage({}, { format }), DISPLAY, URL, null);
    expect(shown).toMatchObject({ kind: 'alone' });
    expect(shown.kind === 'alone' && shown.reason).toContain(format.toUpperCase());
  });

  it('is laid out as it will stay while the original’s link is not there', () => {
    expect(comparisonOf(sampleImage(), DISPLAY, null, null)).toEqual({
      kind: 'slider',
      left: null,
      leftName: 'Original',
      rendition: DISPLAY,
    });
    expect(comparisonOf(sampleImage(), PROCESSED, null, null)).toMatchObject({ kind: 'alone' });
  });

  it('shows the rendition where the original does not load', () => {
    expect(comparisonOf(sampleImage(), DISPLAY, URL, 'unshown')).toMatchObject({ kind: 'alone' });
    expect(comparisonOf(sampleImage(), DISPLAY, null, 'unshown')).toMatchObject({ kind: 'alone' });
  });

  it('offers another try where the link to the original was not to be had', () => {
    const unlinked = comparisonOf(sampleImage(), DISPLAY, null, 'unlinked');
    expect(unlinked).toMatchObject({ kind: 'alone', retryable: true });

    const heic = comparisonOf(sampleImage({}, { format: 'heic' }), DISPLAY, null, 'unlinked');
    expect(heic).toMatchObject({ kind: 'alone', retryable: false });
  });

  it('has the largest rendition in the place of an original that is given to nobody', () => {
    const heic = sampleImage({}, { format: 'heic' });
    expect(comparisonOf(heic, THUMB, PRIVATE, null)).toEqual({
      kind: 'slider',
      left: DISPLAY?.url,
      leftName: 'display AVIF',
      rendition: THUMB,
    });
    expect(comparisonOf(heic, PROCESSED, PRIVATE, null)).toMatchObject({ kind: 'beside' });
    const largest = comparisonOf(heic, DISPLAY, PRIVATE, null);
    expect(largest).toMatchObject({ kind: 'alone', retryable: false });
  });

  it('is nothing without a rendition', () => {
    expect(comparisonOf(sampleImage(), undefined, null, null)).toEqual({ kind: 'nothing' });
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
