// What a tile of the gallery shows of an image: one of four things, and no mixture.
import { FORMATS } from '../backend/formats.generated';
import type { Image, Rendition } from '../backend/models';
import { titleOf } from '../shared/failures';
import { canMove, candidates, isMoving, plainestOf, rankOf, srcsetOf } from '../shared/renditions';

export interface Source {
  readonly type: string;
  readonly srcset: string;
}

export type TileView =
  | {
      readonly kind: 'picture';
      readonly sources: readonly Source[];
      readonly src: string;
      readonly width: number;
      readonly height: number;
      /** Whether it may move, so that it cannot be drawn once and for all. */
      readonly moves: boolean;
      /** It is being processed, for the first time or again, or doing it again failed. */
      readonly note: 'processing' | 'failed' | null;
    }
  | { readonly kind: 'processing' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Returns what to show; *still* asks for pictures that do not move. */
export function tileView(image: Image, still: boolean): TileView {
  const picture = pictureOf(image, still);
  if (picture) return picture;
  switch (image.status) {
    case 'FAILED':
      return { kind: 'failed', reason: titleOf(image.failure) };
    case 'AWAITING_UPLOAD':
      return { kind: 'waiting' };
    case 'PROCESSING':
    case 'READY': // without a picture, which its renditions will bring
    case 'DELETED':
      return { kind: 'processing' };
  }
}

function pictureOf(image: Image, still: boolean): TileView | null {
  const fit = still && isMoving(image) ? stillOnes(image) : candidates(image);
  const fallback = plainestOf(fit);
  if (!fallback) return null;
  const { url: src, width, height } = fallback;
  const note =
    image.status === 'FAILED' ? 'failed' : image.status === 'READY' ? null : 'processing';
  const moves = isMoving(image) && !still;
  return { kind: 'picture', sources: sourcesOf(fit), src, width, height, moves, note };
}

function stillOnes(image: Image): readonly Rendition[] {
  const still = image.renditions.filter((one) => !canMove(one));
  const fit = candidates({ ...image, renditions: still });
  return fit.length > 0 ? fit : candidates(image);
}

/**
 * For browsers that know AVIF, for those that know WebP, and for all others. A source names the best
 * format in it, not the only one: whoever knows AVIF knows the others as well, and the small files
 * are there in WebP alone. With AVIF by itself, every tile would fetch the large file.
 */
function sourcesOf(fit: readonly Rendition[]): readonly Source[] {
  return FORMATS.filter(({ browsers }) => browsers === 'new' || browsers === 'most')
    .filter(({ name }) => fit.some((one) => one.format === name))
    .map(({ name, contentType }) => ({
      type: contentType,
      srcset: srcsetOf(fit.filter((one) => rankOf(one.format) >= rankOf(name))),
    }));
}

export const NOTES = {
  processing: 'processing',
  failed: 'processing it again failed',
} as const;

export const WORDS = {
  processing: 'Processing',
  waiting: 'Upload not finished',
} as const;
