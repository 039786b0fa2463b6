// What of a session outlives the page: the refresh token in `localStorage`, which all tabs share, and, in
// `sessionStorage`, what a tab must remember while its browser is at the sign-in page.
import type { Attempt, Person } from './oauth';

/** Its removal is how the other tabs learn that one signed out. */
export const KEPT = 'tintype.session';
const SIGNS_IN = 'tintype.signs-in'; // public/early.js reads it
const ATTEMPT = 'tintype.sign-in';

export interface Kept {
  readonly refresh: string;
  readonly person: Person;
}

/** A sign-in under way, and the page to come back to. */
export type Departure = Attempt & { readonly back: string };

export function readKept(): Kept | null {
  return parsed<Kept>(
    within(() => localStorage.getItem(KEPT)),
    ['refresh', 'person'],
  );
}

/** Keeps a session; null forgets it. */
export function keep(kept: Kept | null): void {
  within(() => {
    if (kept) localStorage.setItem(KEPT, JSON.stringify(kept));
    else localStorage.removeItem(KEPT);
  });
}

/** Remembers whether one signs in here: what is asked for early next time has no token yet. */
export function rememberSignsIn(signsIn: boolean): void {
  within(() => {
    if (signsIn) localStorage.setItem(SIGNS_IN, 'yes');
    else if (localStorage.getItem(SIGNS_IN)) localStorage.removeItem(SIGNS_IN);
  });
}

export function rememberDeparture(departure: Departure): void {
  within(() => sessionStorage.setItem(ATTEMPT, JSON.stringify(departure)));
}

/** Returns the sign-in that this tab has begun, once. */
export function takeDeparture(): Departure | null {
  const text = within(() => sessionStorage.getItem(ATTEMPT));
  within(() => sessionStorage.removeItem(ATTEMPT));
  return parsed<Departure>(text, ['state', 'nonce', 'verifier', 'back']);
}

/** Returns what a text holds if it has all the *names*: anything may lie in a browser's storage. */
function parsed<T>(text: string | null, names: readonly (keyof T)[]): T | null {
  try {
    const found = JSON.parse(text ?? 'null') as T | null;
    return found && names.every((name) => found[name]) ? found : null;
  } catch {
    return null;
  }
}

/** In a browser that forbids storage, a session ends with its page. */
function within<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
