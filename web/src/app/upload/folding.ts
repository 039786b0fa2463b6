// Whether the tray is open: what somebody chose counts; by itself it is open while there is something to
// see, where it hides nothing else.
import type { Summary } from './queue';

export interface Folding {
  /** What somebody chose; null while nobody did. */
  readonly chosen: boolean | null;
  /** All went well and could be seen: there is nothing more to look at. */
  readonly rested: boolean;
}

export type FoldingEvent =
  /** Somebody pressed the button, while it was open or not. */
  | { readonly type: 'toggled'; readonly open: boolean }
  /** Pictures are on their way, again or for the first time. */
  | { readonly type: 'began' }
  /** Everything has ended, and something did not work. */
  | { readonly type: 'failed' }
  /** Everything has ended well, some seconds ago. */
  | { readonly type: 'rested' }
  /** Nothing is left in it. */
  | { readonly type: 'emptied' };

export const UNTOUCHED: Folding = { chosen: null, rested: false };

/** Returns whether it is open; *roomy* is a wide screen with the gallery on it. */
export function isOpen({ chosen, rested }: Folding, roomy: boolean): boolean {
  return chosen ?? (roomy && !rested);
}

export function fold(folding: Folding, event: FoldingEvent): Folding {
  switch (event.type) {
    case 'toggled':
      return { ...folding, chosen: !event.open };
    case 'began':
      return { ...folding, rested: false };
    case 'failed':
      // Who has closed it wants to know that as well.
      return { chosen: folding.chosen === true ? true : null, rested: false };
    case 'rested':
      return { chosen: null, rested: true };
    case 'emptied':
      return UNTOUCHED;
  }
}

/** Returns what the uploads mean for the tray. */
export function phaseOf(summary: Summary): 'empty' | 'busy' | 'failed' | 'well' {
  if (summary.total === 0) return 'empty';
  if (summary.pending + summary.processing > 0) return 'busy';
  return summary.failed > 0 ? 'failed' : 'well';
}
