// How fast an upload goes, and how long it will take: a mean over the last seconds.

interface Sample {
  readonly at: number;
  readonly sent: number;
}

/** What was sent by when, in milliseconds; the newest last. */
export type Speed = readonly Sample[];

export const STANDSTILL: Speed = [];

const WINDOW_MS = 5_000;
const SHORTEST_MS = 400; // anything less says more of buffers than of the network

/** Returns the speed with another sample; it begins anew where an attempt does. */
export function measured(speed: Speed, sent: number, at: number): Speed {
  if (sent < (speed.at(-1)?.sent ?? 0)) return [{ at, sent }];
  const recent = speed.filter((one) => at - one.at <= WINDOW_MS);
  return [...recent, { at, sent }];
}

/** Returns bytes a second; null while it is too early to tell. */
export function bytesPerSecond(speed: Speed): number | null {
  const [first, last] = [speed[0], speed.at(-1)];
  if (!first || !last || last.at - first.at < SHORTEST_MS) return null;
  return ((last.sent - first.sent) / (last.at - first.at)) * 1000;
}

/** Returns the seconds that the rest will take; null while it is too early to tell. */
export function secondsLeft(rest: number, rate: number | null): number | null {
  return rate && rate > 0 ? rest / rate : null;
}
