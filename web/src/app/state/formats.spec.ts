import {
  formatBytes,
  formatCount,
  formatMilliseconds,
  formatSpeed,
  formatTimeLeft,
  plural,
} from './formats';

describe('formats', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1_000, '1 KB'],
    [999_499, '999 KB'],
    [999_600, '1 MB'],
    [4_540_000, '4.5 MB'],
    [50_000_000, '50 MB'],
    [123_456_789, '123 MB'],
    [2_500_000_000, '2.5 GB'],
  ])('says %i bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, '1 s'],
    [3.2, '4 s'],
    [60, '1 min'],
    [61, '2 min'],
    [3_600, '1 h'],
    [4_200, '1 h 10 min'],
  ])('says that %d seconds are left as %s', (seconds, text) =>
    expect(formatTimeLeft(seconds)).toBe(text),
  );

  it.each([
    [0.44, '0.4 ms'],
    [87.2, '87 ms'],
    [999.7, '1.0 s'],
    [1_234, '1.2 s'],
    [75_000, '2 min'],
  ])('says %d milliseconds as %s', (ms, text) => expect(formatMilliseconds(ms)).toBe(text));

  it('says speeds, counts and nouns', () => {
    expect(formatSpeed(3_100_000)).toBe('3.1 MB/s');
    expect(formatCount(73_400_320)).toBe('73,400,320');
    expect(plural(1, 'picture')).toBe('1 picture');
    expect(plural(1_200, 'picture')).toBe('1,200 pictures');
  });
});
