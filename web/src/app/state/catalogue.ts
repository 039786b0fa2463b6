// What is known of the images, and how news of them is merged: plain functions over `Catalogue`.
import { type Image, type Page, type Status, toImage } from '../backend/models';
import { signedUntil } from '../shared/addresses';

/** Images by id, deleted ones among them as tombstones, so that late news cannot bring them back. */
export type Catalogue = ReadonlyMap<string, Image>;

/** A place in the listing: the newest come first, and among equals the greater id. */
export type Position = Pick<Image, 'createdAt' | 'id'>;

export const NOTHING_KNOWN: Catalogue = new Map();

const FIRST_MANIFEST = 4; // the version; before it come the ticket, and the first processing

const FINAL: ReadonlySet<Status> = new Set<Status>(['READY', 'FAILED', 'DELETED']);

/** Whether nothing more comes by itself. */
export function isFinal(image: Image): boolean {
  return FINAL.has(image.status);
}

/** Whether all renditions are there, of this processing or of one before: the first may come early. */
export function isComplete(image: Image): boolean {
  return image.status !== 'PROCESSING' || image.version >= FIRST_MANIFEST;
}

/** Returns the newer of two records; the very object that is *known* if there is no news. */
export function mergeImage(known: Image | undefined, received: Image): Image {
  if (!known || received.version > known.version) return received;
  const same = received.version === known.version && known.status !== 'DELETED';
  // Of the same version, the addresses may be signed for longer.
  return same && signedUntil(received) > signedUntil(known) ? received : known;
}

/** Returns the catalogue with what is told; the very same one if all of it was known. */
export function mergeImages(known: Catalogue, received: readonly Image[]): Catalogue {
  const changed = received.filter(
    (one) => mergeImage(known.get(one.id), one) !== known.get(one.id),
  );
  if (changed.length === 0) return known;
  const merged = new Map(known);
  for (const one of changed) merged.set(one.id, mergeImage(merged.get(one.id), one));
  return merged;
}

/** Returns the catalogue without an image that the API says is gone, which need not have been known. */
export function markDeleted(known: Catalogue, id: string): Catalogue {
  const image = known.get(id) ?? neverSeen(id);
  if (image.status === 'DELETED') return known;
  return new Map(known).set(id, { ...image, status: 'DELETED' });
}

/** Returns an image of which nothing is known: any news of it is newer. */
function neverSeen(id: string): Image {
  return toImage({
    id,
    version: 0,
    status: 'AWAITING_UPLOAD',
    filename: '',
    source: 'UPLOAD',
    original: {},
    createdAt: '',
    updatedAt: '',
  });
}

/** Returns what is known of one owner's images. */
export function ofOwner(known: Catalogue, owner: string): Catalogue {
  return new Map([...known].filter(([, image]) => image.owner === owner));
}

/** Below zero if *a* comes first. */
export function compareNewest(a: Position, b: Position): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return a.id === b.id ? 0 : a.id < b.id ? 1 : -1;
}

/** Returns the images newest first. */
export function sortNewest(images: Iterable<Image>): readonly Image[] {
  return [...images].sort(compareNewest);
}

export interface Filter {
  /** A part of the file name; upper and lower case are the same. */
  readonly name: string;
  readonly statuses: ReadonlySet<Status>;
}

/** Returns the images that the filter lets through; no status means every status. */
export function filterImages(images: readonly Image[], filter: Filter): readonly Image[] {
  const name = filter.name.trim().toLowerCase();
  const { statuses } = filter;
  return images.filter(
    (one) =>
      (!name || one.filename.toLowerCase().includes(name)) &&
      (statuses.size === 0 || statuses.has(one.status)),
  );
}

/**
 * Returns what the gallery shows: no deleted, no hidden, and none from below *end*, the last place
 * that was read: what lies there comes with its page, or it would jump.
 */
export function listed(
  known: Catalogue,
  hidden: ReadonlySet<string>,
  end: Position | null,
): readonly Image[] {
  const shown = [...known.values()].filter(
    (one) =>
      one.status !== 'DELETED' && !hidden.has(one.id) && (!end || compareNewest(one, end) <= 0),
  );
  return sortNewest(shown);
}

/** Returns the last place that a page covers; null if it covers all. */
export function endOf(page: Page): Position | null {
  const last = page.images.at(-1);
  return page.cursor && last ? { createdAt: last.createdAt, id: last.id } : null;
}

/** Returns ids that a page should have had: deleted meanwhile, or newer than the page. */
export function missingFrom(
  known: Catalogue,
  page: Page,
  from: Position | null,
): readonly string[] {
  const received = new Set(page.images.map((one) => one.id));
  const end = endOf(page);
  return [...known.values()]
    .filter((one) => one.status !== 'DELETED' && !received.has(one.id))
    .filter((one) => !from || compareNewest(one, from) > 0)
    .filter((one) => !end || compareNewest(one, end) <= 0)
    .map((one) => one.id);
}
