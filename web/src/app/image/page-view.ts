// Which page an address leads to: the image, or why there is none.
import type { ApiProblem } from '../backend/api';
import type { Image, Status } from '../backend/models';

/** How far the reading of an image has come. */
export type Opening =
  | { readonly state: 'reading' }
  | { readonly state: 'found' }
  | { readonly state: 'missing' }
  | { readonly state: 'failed'; readonly problem: ApiProblem };

export type PageView =
  | { readonly kind: 'image'; readonly image: Image }
  | { readonly kind: 'reading' }
  | { readonly kind: 'missing' }
  /** It was there, and was deleted while one looked. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unreachable'; readonly problem: ApiProblem };

/** Returns the page; what is known already is shown while it is read again. */
export function pageView(opening: Opening, image: Image | undefined): PageView {
  if (image) return { kind: 'image', image };
  switch (opening.state) {
    case 'found':
      return { kind: 'gone' };
    case 'failed':
      return { kind: 'unreachable', problem: opening.problem };
    case 'reading':
    case 'missing':
      return { kind: opening.state };
  }
}

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  AWAITING_UPLOAD: 'Upload not finished',
  PROCESSING: 'Processing',
  READY: 'Ready',
  FAILED: 'Failed',
  DELETED: 'Deleted',
};

export const STATUS_TONES: Readonly<Record<Status, 'good' | 'bad' | 'busy'>> = {
  AWAITING_UPLOAD: 'busy',
  PROCESSING: 'busy',
  READY: 'good',
  FAILED: 'bad',
  DELETED: 'bad',
};
