// A focal point on a picture: where keys and pointers lead it, and what a crop around it keeps.
import type { Focus } from '../backend/models';

/** A part of a picture, in fractions of its width and height. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const CENTRE: Focus = { x: 0.5, y: 0.5 };

const STEP = 0.01;
const LEAP = 0.1;
const PRECISION = 1000; // addresses take three decimals

const MOVES: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-STEP, 0],
  ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP],
  ArrowDown: [0, STEP],
};

/** Returns the point that an arrow key leads to, further with Shift; null if it is no arrow key. */
export function pointAfter(key: string, leaping: boolean, { x, y }: Focus): Focus | null {
  const move = MOVES[key];
  if (!move) return null;
  const times = leaping ? LEAP / STEP : 1;
  return pointOf(x + move[0] * times, y + move[1] * times);
}

/** Returns the point below a pointer over a box; its centre if the box has no size. */
export function pointAt(
  pointer: { readonly clientX: number; readonly clientY: number },
  box: Pick<DOMRect, 'left' | 'top' | 'width' | 'height'>,
): Focus {
  if (box.width <= 0 || box.height <= 0) return CENTRE;
  return pointOf(
    (pointer.clientX - box.left) / box.width,
    (pointer.clientY - box.top) / box.height,
  );
}

/** Returns the nearest point that is on the picture. */
export function pointOf(x: number, y: number): Focus {
  return { x: fraction(x), y: fraction(y) };
}

export function isSame(one: Focus | null, other: Focus | null): boolean {
  return one?.x === other?.x && one?.y === other?.y;
}

/** Returns the place of a point on one axis in words. */
export function placeText(value: number, from: 'left' | 'top'): string {
  return `${Math.round(value * 100)} % from the ${from}`;
}

/**
 * Returns what a crop keeps of a picture: of the ratio *box*, as large as it can be, and its middle as near to
 * *point* as the edges allow. Ratios are width by height.
 */
export function frameOf(point: Focus, picture: number, box: number): Frame {
  const width = Math.min(1, box / picture);
  const height = Math.min(1, picture / box);
  return {
    left: within(point.x - width / 2, 1 - width),
    top: within(point.y - height / 2, 1 - height),
    width,
    height,
  };
}

/** Returns the `object-position` that shows this frame with `object-fit: cover`. */
export function objectPosition({ left, top, width, height }: Frame): string {
  return `${percentOf(left, 1 - width)}% ${percentOf(top, 1 - height)}%`;
}

/** CSS counts in what is cut away: 0 % is all of it at the end, 100 % all of it at the beginning. */
function percentOf(offset: number, room: number): number {
  return room > 0 ? (offset / room) * 100 : 50;
}

function fraction(value: number): number {
  return Math.round(within(value, 1) * PRECISION) / PRECISION;
}

function within(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
