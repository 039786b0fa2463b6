// The compare slider: its position in percent from the left, where keys and pointers lead it, and what is
// seen there. The original is large, so it is fetched when somebody reaches for the slider.

/** How far the original has come. */
export type Fetching = 'idle' | 'fetching' | 'shown';

const STEP = 2;
const LEAP = 10;

/** Returns the position that *key* leads to; null if it is no key of a slider. */
export function positionAfter(key: string, position: number): number | null {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return clamp(position - STEP);
    case 'ArrowRight':
    case 'ArrowUp':
      return clamp(position + STEP);
    case 'PageDown':
      return clamp(position - LEAP);
    case 'PageUp':
      return clamp(position + LEAP);
    case 'Home':
      return 0;
    case 'End':
      return 100;
    default:
      return null;
  }
}

/** Returns the position of a pointer at *x* over a box. */
export function positionAt(
  x: number,
  box: { readonly left: number; readonly width: number },
): number {
  return box.width > 0 ? clamp(((x - box.left) / box.width) * 100) : 50;
}

const WAITING: Readonly<Record<Exclude<Fetching, 'shown'>, string>> = {
  idle: 'Slide to compare',
  fetching: 'Loading…',
};

/** Returns what stands at the left, where the original is or will be, or what stands for it. */
export function labelOf(fetching: Fetching, left: string): string {
  return fetching === 'shown' ? left : WAITING[fetching];
}

/** Returns what a position means, for who hears it. */
export function positionText(
  position: number,
  rendition: string,
  fetching: Fetching,
  leftName: string,
): string {
  if (fetching !== 'shown') return `only ${rendition}. ${WAITING[fetching]}`;
  const left = Math.round(position);
  if (left === 0) return `only ${rendition}`;
  if (left === 100) return `only ${leftName}`;
  return `${left} % ${leftName}, ${100 - left} % ${rendition}`;
}

function clamp(position: number): number {
  return Math.min(100, Math.max(0, position));
}
