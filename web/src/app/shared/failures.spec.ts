import { sentenceOf } from './failures';

describe('a message on its own', () => {
  it.each([
    ['the JPEG ends before its last pixel', 'The JPEG ends before its last pixel'],
    ['not finished within the limit of 60 seconds', 'Not finished within the limit of 60 seconds'],
    ['120.0 megapixels; the limit is 100', '120.0 megapixels; the limit is 100'],
  ])('begins as a sentence does: %j', (message, sentence) =>
    expect(sentenceOf(message)).toBe(sentence),
  );

  it.each([
    'watermark.font: not a TrueType or OpenType font',
    'max_bytes is less than the smallest file',
    'thumb: width must be at least 1',
    'iPhone.heic cannot be read',
    'eu-central-1 does not answer',
    '',
  ])('leaves a name at its beginning alone: %j', (message) =>
    expect(sentenceOf(message)).toBe(message),
  );
});
