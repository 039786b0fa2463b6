// How an original and one of its renditions can be shown beside each other: one of four ways.
import type { Image, Rendition } from '../backend/models';
import { keepsRatio, ratioOf } from '../shared/renditions';

/** What every browser opens; the originals of the other formats are told about instead. */
const SHOWABLE: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'avif', 'gif']);

export type Comparison =
  /** The same picture twice: one above the other, with a slider. Null: its link is not there yet. */
  | { readonly kind: 'slider'; readonly original: string | null; readonly rendition: Rendition }
  /** The rendition is cut or padded: an overlay would lie. */
  | { readonly kind: 'beside'; readonly original: string; readonly rendition: Rendition }
  /** Only the rendition, and why. */
  | { readonly kind: 'alone'; readonly rendition: Rendition; readonly reason: string }
  | { readonly kind: 'nothing' };

/** Returns the way; *unshown* says that the browser has failed to show the original. */
export function comparisonOf(
  image: Image,
  rendition: Rendition | undefined,
  unshown: boolean,
): Comparison {
  if (!rendition) return { kind: 'nothing' };
  const { url: original, format } = image.original;
  if (format && !SHOWABLE.has(format)) {
    const reason = `Browsers do not show ${format.toUpperCase()} files, so there is only the rendition to see.`;
    return { kind: 'alone', rendition, reason };
  }
  if (unshown) {
    const reason = 'The original could not be loaded, so there is only the rendition to see.';
    return { kind: 'alone', rendition, reason };
  }
  if (keepsRatio(rendition, ratioOf(image))) return { kind: 'slider', original, rendition };
  if (original) return { kind: 'beside', original, rendition };
  return { kind: 'alone', rendition, reason: 'Fetching the original…' };
}

/** Returns a rendition's name, as in `display AVIF`. */
export function nameOf({ preset, format }: Pick<Rendition, 'preset' | 'format'>): string {
  return `${preset} ${formatName(format)}`;
}

const FORMAT_NAMES: Readonly<Record<string, string>> = { webp: 'WebP' };

export function formatName(format: string): string {
  return FORMAT_NAMES[format] ?? format.toUpperCase();
}
