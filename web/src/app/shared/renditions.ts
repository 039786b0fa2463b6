// Which renditions show the whole picture, and the candidates that a browser may choose from.
import { thumbHashToApproximateAspectRatio } from 'thumbhash';
import { FORMATS } from '../backend/formats.generated';
import type { Image, Rendition } from '../backend/models';
import { bytesOf } from './placeholders';

const UNKNOWN_RATIO = 3 / 2;
const ROUNDING = 0.6; // pixels, for encoders that round sides the other way
/** The square with the mark, for clients that know no more than a file name. */
const MARKED = 'processed';

export type Format = (typeof FORMATS)[number];

/** What is known of a format, by the name that records have. */
export function factsOf(format: string | null): Format | undefined {
  return FORMATS.find((one) => one.name === format);
}

/** Width by height of the upright picture, guessed where nothing has told it yet. */
export function ratioOf(image: Image): number {
  const { width, height } = image.original;
  if (width && height) return width / height;
  const widest = widestOf(image.renditions);
  if (widest) return widest.width / widest.height;
  const hash = image.placeholder ? bytesOf(image.placeholder) : null;
  return hash ? thumbHashToApproximateAspectRatio(hash) : UNKNOWN_RATIO;
}

/** Whether a file of this size shows a picture of this ratio uncut: its sides are whole pixels. */
export function keepsRatio(rendition: Pick<Rendition, 'width' | 'height'>, ratio: number): boolean {
  const { width, height } = rendition;
  return Math.abs(width - height * ratio) <= (ratio + 1) / 2 + ROUNDING;
}

/**
 * The renditions that stand for the picture, smallest first and of equals the better format first:
 * neither cut nor padded, nor the one that carries the mark, and moving if the original moves.
 */
export function candidates(image: Image): readonly Rendition[] {
  const ratio = ratioOf(image);
  const whole = image.renditions.filter((one) => keepsRatio(one, ratio));
  const unmarked = whole.filter((one) => one.preset !== MARKED);
  const fit = faithful(image, unmarked.length > 0 ? unmarked : whole);
  return [...fit].sort((a, b) => a.width - b.width || rank(a) - rank(b));
}

/** Whether the original moves; a TIFF's pages are not counted as frames. */
export function isMoving({ original }: Image): boolean {
  return (original.frames ?? 1) > 1;
}

/** Whether the files of a rendition's format can move. */
export function canMove(rendition: Rendition): boolean {
  return factsOf(rendition.format)?.animation === true;
}

/** Of a moving picture, the files that still move if there are any; of all others, all files. */
function faithful(image: Image, renditions: readonly Rendition[]): readonly Rendition[] {
  if (!isMoving(image)) return renditions;
  const moving = renditions.filter(canMove);
  return moving.length > 0 ? moving : renditions;
}

/** The best rendition to look at: the widest, and of equals the one in the better format. */
export function widestOf(renditions: readonly Rendition[]): Rendition | undefined {
  return renditions.reduce<Rendition | undefined>(
    (best, one) =>
      !best || one.width > best.width || (one.width === best.width && rank(one) < rank(best))
        ? one
        : best,
    undefined,
  );
}

/** Of candidates, the smallest that fills so many pixels across, or else the widest. */
export function fillingOf(fit: readonly Rendition[], pixels: number): Rendition | undefined {
  return fit.find((one) => one.width >= pixels) ?? widestOf(fit);
}

/** The widest rendition in a format that every browser knows, or else in any. */
export function plainestOf(renditions: readonly Rendition[]): Rendition | undefined {
  const [plainest] = [...renditions].sort(
    (a, b) => Number(isNew(a)) - Number(isNew(b)) || b.width - a.width || rank(b) - rank(a),
  );
  return plainest;
}

function isNew({ format }: Rendition): boolean {
  return factsOf(format)?.browsers === 'new';
}

/** The formats of these renditions, best first. */
export function formatsOf(renditions: readonly Rendition[]): readonly string[] {
  const present = [...new Set(renditions.map((one) => one.format))];
  return present.sort((a, b) => rankOf(a) - rankOf(b));
}

function rank(rendition: Rendition): number {
  return rankOf(rendition.format);
}

/** Best first: what a page should offer before what every browser knows. */
export function rankOf(format: string): number {
  const place = FORMATS.findIndex((one) => one.name === format);
  return place < 0 ? FORMATS.length : place;
}

/** A `srcset` of these renditions by their widths; a later one of the same width is left out. */
export function srcsetOf(renditions: readonly Rendition[]): string {
  const widths = new Map<number, Rendition>();
  for (const one of renditions) if (!widths.has(one.width)) widths.set(one.width, one);
  return [...widths].map(([width, one]) => `${srcsetUrl(one.url)} ${width}w`).join(', ');
}

/** Returns the rendition that an element which got a `srcset` of ours shows. */
export function renditionAt(image: Image, address: string): Rendition | undefined {
  return image.renditions.find((one) => one.url === address || srcsetUrl(one.url) === address);
}

/** An address cannot end with a comma or hold spaces in a `srcset`. */
function srcsetUrl(url: string): string {
  return url.replaceAll(' ', '%20').replace(/,/g, '%2C');
}
