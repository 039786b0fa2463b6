// How much smaller a rendition is than its original.
import type { Image, Rendition } from '../backend/models';
import { formatBytes } from '../state/formats';

export type Saving =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'same' }
  | { readonly kind: 'smaller'; readonly percent: number }
  | { readonly kind: 'larger'; readonly percent: number };

/** Returns the difference in whole percent of the original; never 100 % smaller, since a file is left. */
export function savingOf(originalBytes: number | null | undefined, bytes: number): Saving {
  if (!originalBytes || originalBytes <= 0) return { kind: 'unknown' };
  const share = bytes / originalBytes;
  const percent = Math.round(Math.abs(1 - share) * 100);
  if (percent === 0) return { kind: 'same' };
  return share < 1
    ? { kind: 'smaller', percent: Math.min(99, percent) }
    : { kind: 'larger', percent };
}

/** Returns a saving in words; nothing where it is unknown. */
export function savingText(saving: Saving): string {
  switch (saving.kind) {
    case 'unknown':
      return '';
    case 'same':
      return 'same size';
    case 'smaller':
    case 'larger':
      return `${saving.percent.toLocaleString('en-US')} % ${saving.kind}`;
  }
}

/** Returns how a rendition compares in words; nothing where it has other pixels than the original. */
export function comparedText({ original }: Image, rendition: Rendition): string {
  const { width, height } = rendition;
  const alike = original.width === width && original.height === height;
  return alike ? savingText(savingOf(original.bytes, rendition.bytes)) : '';
}

/** Returns a rendition's size, and how that compares: `122 KB, 96 % smaller`. */
export function sizeText(image: Image, rendition: Rendition): string {
  const saving = comparedText(image, rendition);
  return formatBytes(rendition.bytes) + (saving && `, ${saving}`);
}
