import { announcement, countLine } from './wording';

const ALL = { shown: 150, read: 150, more: true, filtered: false, searching: false };
const FOUND = { shown: 2, read: 1023, more: false, filtered: true, searching: false };

describe('countLine', () => {
  it.each([
    [ALL, '150 images so far'],
    [{ ...ALL, shown: 1, read: 1, more: false }, '1 image'],
    [{ ...ALL, read: 0, more: false }, ''],
    [FOUND, '2 matches among 1,023 images'],
    [{ ...FOUND, shown: 0 }, 'No match among 1,023 images'],
    [
      { ...FOUND, shown: 1, read: 100, more: true, searching: true },
      '1 match among the newest 100 images; searching older images…',
    ],
  ])('says %j as %s', (counts, text) => {
    expect(countLine(counts)).toBe(text);
  });
});

describe('announcement', () => {
  it('does not count while older images are read', () => {
    expect(announcement({ ...FOUND, searching: true })).toBe('Searching older images…');
    expect(announcement(FOUND)).toBe('2 matches among 1,023 images');
    expect(announcement(ALL)).toBe('150 images loaded');
  });
});
