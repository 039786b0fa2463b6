import { rendition } from '../shared/sample-image';
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
    expect(sizeText(rendition('thumb', 'webp', 320, 213), null)).toBe('32 KB');
    expect(sizeText(rendition('thumb', 'webp', 320, 213), 320_000)).toBe('32 KB, 90 % smaller');
  });
});
