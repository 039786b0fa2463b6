// How an original and one of its renditions can be shown beside each other: one of four ways.
import type { Image, Rendition } from '../backend/models';
import { candidates, factsOf, keepsRatio, ratioOf, widestOf } from '../shared/renditions';

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

/** Stands for the link of an original that nobody is given. */
export const PRIVATE = Symbol('private');

/** Where the original is: at a link, or nowhere yet, or nobody is told. */
export type OriginalLink = string | null | typeof PRIVATE;

/** Why there is no original to see: the browser fails to show it, or the API did not give its link. */
export type Lack = 'unshown' | 'unlinked';

export const ORIGINAL = 'Original';

/** Returns the way; where nobody is given the original, the largest rendition stands for it. */
export function comparisonOf(
  image: Image,
  rendition: Rendition | undefined,
  original: OriginalLink,
  lack: Lack | null,
): Comparison {
  if (!rendition) return { kind: 'nothing' };
  const alone = (reason: string, retryable = false): Comparison => ({
    kind: 'alone',
    rendition,
    reason,
    retryable,
  });
  if (original === PRIVATE) {
    const largest = widestOf(candidates(image));
    if (!largest || largest.url === rendition.url) return alone(NOTHING_TO_COMPARE);
    return together(image, rendition, largest.url, nameOf(largest));
  }
  const { format } = image.original;
  if (format && (factsOf(format)?.browsers ?? 'none') === 'none') {
    return alone(
      `Browsers cannot show ${format.toUpperCase()} files, so only the rendition is shown.`,
    );
  }
  if (lack) return alone(LACKING[lack], lack === 'unlinked');
  if (original || keepsRatio(rendition, ratioOf(image))) {
    return together(image, rendition, original, ORIGINAL);
  }
  return alone('Loading the original…');
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

const NOTHING_TO_COMPARE =
  'The largest rendition. Originals are private here, so there is nothing to compare it with.';

const LACKING: Readonly<Record<Lack, string>> = {
  unshown: 'The original could not be loaded, so only the rendition is shown.',
  unlinked: 'The original cannot be loaded: the service is not responding.',
};

/** Returns a rendition's name, as in `display AVIF`. */
export function nameOf({ preset, format }: Pick<Rendition, 'preset' | 'format'>): string {
  return `${preset} ${formatName(format)}`;
}

export function formatName(format: string): string {
  return factsOf(format)?.title ?? format.toUpperCase();
}
