// Numbers as people read them.

const UNITS = ['bytes', 'KB', 'MB', 'GB'] as const;

/** Returns a size in decimal units: 980 bytes, 12 KB, 4.5 MB. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit > 1 && value < 99.95 ? 1 : 0;
  const text = value.toFixed(digits).replace(/\.0$/, '');
  return unit === 0 && value === 1 ? '1 byte' : `${text} ${UNITS[unit]}`;
}

/** Returns 1.2 of 4.5 MB, or 980 KB of 4.5 MB. */
export function formatShare(bytes: number, of: number): string {
  const [some, all] = [formatBytes(bytes), formatBytes(of)];
  const [value, unit] = some.split(' ');
  return `${all.endsWith(` ${unit}`) ? value : some} of ${all}`;
}

/** Returns a speed: 3.1 MB/s. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Returns a time that is left: 4 s, 2 min, 1 h 10 min. */
export function formatTimeLeft(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.ceil(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** Returns milliseconds: 0.4 ms, 87 ms, 1.2 s. */
export function formatMilliseconds(ms: number): string {
  if (ms >= 59_950) return formatTimeLeft(ms / 1000);
  if (ms >= 999.5) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 9.95 ? `${Number(ms.toFixed(1))} ms` : `${Math.round(ms)} ms`;
}

/** Returns a whole number with its thousands apart, as the server's messages have them. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Returns a number with its noun: 1 photo, 3 photos. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
