// ThumbHash placeholders as tiny pictures, kept for as long as they are likely to be shown again.
import { rgbaToDataURL, thumbHashToRGBA } from 'thumbhash';

const KEPT = 600;
const kept = new Map<string, string | null>();

/** Returns the bytes of a base64 text; null if it is none, or too short for a ThumbHash. */
export function bytesOf(base64: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return bytes.length >= 6 ? bytes : null;
  } catch {
    return null;
  }
}

/** Returns a `data:` address of the picture that a placeholder stands for. */
export function placeholderUrl(placeholder: string | null): string | null {
  if (!placeholder) return null;
  const known = kept.get(placeholder);
  if (known !== undefined) return known;
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? '');
  const url = drawn(placeholder);
  kept.set(placeholder, url);
  return url;
}

function drawn(placeholder: string): string | null {
  const bytes = bytesOf(placeholder);
  try {
    return bytes && smallUrl(thumbHashToRGBA(bytes));
  } catch {
    return null; // a hash of another kind
  }
}

/**
 * Every other pixel of every other line: a ThumbHash has at most seven waves a side, which 16 pixels
 * hold. The address, of which the browser keeps several copies a tile, is a quarter as long.
 */
function smallUrl({ w, h, rgba }: ReturnType<typeof thumbHashToRGBA>): string {
  const [width, height] = [w >> 1, h >> 1];
  const small = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [x, y] = [(pixel % width) * 2, Math.floor(pixel / width) * 2];
    const from = (y * w + x) * 4;
    small.set(rgba.subarray(from, from + 4), pixel * 4);
  }
  return rgbaToDataURL(width, height, small);
}

const COLOUR = /^#[0-9a-f]{6}$/i;

/** Returns a colour that is safe to paint with; null if it is none. */
export function paintOf(colour: string | null): string | null {
  return colour && COLOUR.test(colour) ? colour : null;
}
