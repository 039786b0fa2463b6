import { STANDSTILL, bytesPerSecond, measured, secondsLeft } from './speed';

describe('speed', () => {
  it('is not told before it can be known', () => {
    const early = measured(measured(STANDSTILL, 0, 0), 90_000, 100);

    expect(bytesPerSecond(STANDSTILL)).toBeNull();
    expect(bytesPerSecond(early)).toBeNull();
    expect(secondsLeft(100, null)).toBeNull();
  });

  it('is the mean of the last seconds, and forgets what was before', () => {
    const slow = measured(measured(STANDSTILL, 0, 0), 1_000, 1_000);
    const fast = measured(measured(slow, 2_000, 10_000), 12_000, 11_000);

    expect(bytesPerSecond(slow)).toBe(1_000);
    expect(bytesPerSecond(fast)).toBe(10_000);
  });

  it('begins anew when the upload does', () => {
    const first = measured(measured(STANDSTILL, 0, 0), 9_000, 1_000);

    expect(bytesPerSecond(measured(first, 100, 2_000))).toBeNull();
  });

  it('says nothing of the time while nothing moves', () => expect(secondsLeft(100, 0)).toBeNull());
});
