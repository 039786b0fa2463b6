import { modeOf, otherThan } from './theme';

describe('light and dark', () => {
  it('are remembered as such, and anything else as nothing', () => {
    expect(modeOf('dark')).toBe('dark');
    expect(modeOf('light')).toBe('light');
    expect(modeOf('<script>')).toBeUndefined();
    expect(modeOf(null)).toBeUndefined();
  });

  it('are each the other', () => {
    expect(otherThan('dark')).toBe('light');
    expect(otherThan('light')).toBe('dark');
  });
});
