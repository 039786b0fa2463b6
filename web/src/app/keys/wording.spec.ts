import type { ApiKey } from '../backend/models';
import { dayOf, endOf, expiryOf, useOf } from './wording';

const KEY: ApiKey = { id: 'k', name: 'CI', scopes: ['read'], createdAt: '2026-11-29T10:00:00Z' };
const NOW = new Date('2026-11-29T12:00:00Z');

describe('the words on a key', () => {
  it('say when it was used, also if that is never', () => {
    expect(useOf(KEY)).toMatch(/^Made 29 Nov 2026, .*never used$/);
    expect(useOf({ ...KEY, lastUsedAt: NOW.toISOString() })).toMatch(/, last used 29 Nov 2026/);
  });

  it.each([
    [null, /^Does not expire$/],
    ['2027-01-01T00:00:00Z', /^Expires /],
    ['2026-01-01T00:00:00Z', /^Expired /],
  ])('say until when it is good: %s', (expiresAt, words) =>
    expect(expiryOf({ ...KEY, expiresAt }, NOW)).toMatch(words),
  );
});

describe('a day', () => {
  it('ends with its last second here', () => {
    expect(endOf('2026-12-31')).toBe(new Date(2026, 11, 31, 23, 59, 59).toISOString());
  });

  it.each(['', 'soon'])('is none: %j', (day) => expect(endOf(day)).toBeUndefined());

  it('is written as its field has it', () =>
    expect(dayOf(new Date(2026, 0, 2))).toBe('2026-01-02'));
});
