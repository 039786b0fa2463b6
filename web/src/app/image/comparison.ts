// How an original and one of its renditions can be shown beside each other: one of four ways.
import type { Image, Rendition } from '../backend/models';
import { candidates, keepsRatio, ratioOf, widestOf } from '../shared/renditions';

/** What every browser opens; the originals of the other formats are told about instead. */
const SHOWABLE: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'avif', 'gif']);

export type Comparison =
  /** The same picture twice: one above the other, with a slider. Null: its link is not there yet. */
  | {
      readonly kind: 'slider';
      readonly left: string | null;
      readonly leftName: string;
      readonly rendition: Rendition;
    }
  /** The rendition is cut or padded: an overlay would lie. */
  | {
      readonly kind: 'beside';
      readonly left: string;
      readonly leftName: string;
      readonly rendition: Rendition;
    }
  /** Only the rendition, and why; another try may bring the original. */
  | {
      readonly kind: 'alone';
      readonly rendition: Rendition;
      readonly reason: string;
      readonly retryable: boolean;
    }
  | { readonly kind: 'nothing' };

/** Where the original is: at a link, or nowhere yet, or nobody is told. */
export type OriginalPlace = string | null | 'private';

/** Why there is no original to see: the browser fails to show it, or the API did not give its link. */
export type Lack = 'unshown' | 'unlinked';

export const ORIGINAL = 'Original';

/** Returns the way; where nobody is given the original, the largest rendition stands for it. */
export function comparisonOf(
  image: Image,
  rendition: Rendition | undefined,
  original: OriginalPlace,
  lack: Lack | null,
): Comparison {
  if (!rendition) return { kind: 'nothing' };
  const alone = (reason: string, retryable = false): Comparison => ({
    kind: 'alone',
    rendition,
    reason,
    retryable,
  });
  if (original === 'private') {
    const largest = widestOf(candidates(image));
    if (!largest || largest.url === rendition.url) return alone(PRIVATE);
    return together(image, rendition, largest.url, nameOf(largest));
  }
  const { format } = image.original;
  if (format && !SHOWABLE.has(format)) {
    return alone(
      `Browsers do not show ${format.toUpperCase()} files, so there is only the rendition to see.`,
    );
  }
  if (lack) return alone(LACKING[lack], lack === 'unlinked');
  if (original || keepsRatio(rendition, ratioOf(image))) {
    return together(image, rendition, original, ORIGINAL);
  }
  return alone('Fetching the original…');
}

function together(
  image: Image,
  rendition: Rendition,
  left: string | null,
  leftName: string,
): Comparison {
  const over = left === null || keepsRatio(rendition, ratioOf(image));
  return over
    ? { kind: 'slider', left, leftName, rendition }
    : { kind: 'beside', left, leftName, rendition };
}

const PRIVATE =
  'The largest rendition. Originals are given to nobody here, so there is nothing to compare it with.';

const LACKING: Readonly<Record<Lack, string>> = {
  unshown: 'The original could not be loaded, so there is only the rendition to see.',
  unlinked: 'The original cannot be fetched, since the stack does not answer.',
};

/** Returns a rendition's name, as in `display AVIF`. */
export function nameOf({ preset, format }: Pick<Rendition, 'preset' | 'format'>): string {
  return `${preset} ${formatName(format)}`;
}

const FORMAT_NAMES: Readonly<Record<string, string>> = { webp: 'WebP' };

export function formatName(format: string): string {
  return FORMAT_NAMES[format] ?? format.toUpperCase();
}
