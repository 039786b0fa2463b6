import { rendition, sampleImage } from '../shared/sample-image';
import { savingOf, savingText, sizeText } from './savings';

describe('savingOf', () => {
  it.each([
    [1000, 250, '75 % smaller'],
    [1000, 1170, '17 % larger'],
    [1000, 12_000, '1,100 % larger'],
    [1000, 1001, 'same size'],
    [1000, 1000, 'same size'],
    [1_000_000, 1, '99 % smaller'],
    [null, 250, ''],
    [0, 250, ''],
  ])('of %s bytes to %d is %s', (original, bytes, text) => {
    expect(savingText(savingOf(original, bytes))).toBe(text);
  });
});

describe('sizeText', () => {
  it('leaves out a saving that nobody knows', () => {
    const image = sampleImage({}, { width: 320, height: 213, bytes: null });
    expect(sizeText(image, rendition('thumb', 'webp', 320, 213))).toBe('32 KB');
  });

  it('compares what has the same pixels alone', () => {
    const image = sampleImage({}, { width: 320, height: 213, bytes: 320_000 });
    expect(sizeText(image, rendition('thumb', 'webp', 320, 213))).toBe('32 KB, 90 % smaller');
    expect(sizeText(image, rendition('small', 'webp', 160, 107))).toBe('16 KB');
  });
});
