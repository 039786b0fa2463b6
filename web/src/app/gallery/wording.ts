// What the gallery says about how many images there are.
import { formatCount, plural } from '../state/formats';

export interface Counts {
  /** Images that are shown, and images that were read. */
  readonly shown: number;
  readonly read: number;
  readonly more: boolean;
  readonly filtered: boolean;
  /** Older images are being read to find more matches. */
  readonly searching: boolean;
}

/** Returns the line beside the heading. */
export function countLine(counts: Counts): string {
  const { shown, read, more, filtered, searching } = counts;
  if (!filtered) return read === 0 ? '' : plural(read, 'image') + (more ? ' so far' : '');
  const found = shown === 0 ? 'No match' : plural(shown, 'match', 'matches');
  const among = `${found} among ${more ? 'the newest ' : ''}${plural(read, 'image')}`;
  return searching ? `${among}; searching older images…` : among;
}

/** Returns what is announced once nothing changes any more; nothing while older images are read. */
export function announcement(counts: Counts): string {
  if (counts.searching) return 'Searching older images…';
  if (!counts.filtered && counts.more) return `${formatCount(counts.read)} images loaded`;
  return countLine(counts);
}
