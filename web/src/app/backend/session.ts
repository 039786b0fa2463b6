// Who is signed in, and the access token, which is in memory alone: start with `state` and `token`.
//
// The tabs of one browser share a refresh token. An issuer may give another one each time and take a second
// use of the old one for theft: so one tab at a time renews, with the token that was kept last.
import { DestroyRef, Injectable, Injector, computed, effect, inject, signal } from '@angular/core';
import { Configuration } from './config';
import {
  KEPT,
  type Departure,
  keep,
  readKept,
  rememberDeparture,
  rememberSignsIn,
  takeDeparture,
} from './kept';
import {
  CALLBACK,
  IssuerError,
  type Person,
  type Provider,
  SessionEndedError,
  type Tokens,
  authorizeUrl,
  exchange,
  logoutUrl,
  newAttempt,
  providerOf,
  refreshed,
  revoke,
} from './oauth';

export type SessionState =
  /** Everybody may come in; there is nothing to sign in to. */
  | { readonly state: 'open' }
  | { readonly state: 'starting' }
  /** The note says why, if anything has happened; whether trying again may help without signing in. */
  | { readonly state: 'out'; readonly note: string; readonly again: boolean }
  | { readonly state: 'in'; readonly person: Person }
  /** Nobody signed out, and the issuer gives no more tokens: what is on the page stays. */
  | { readonly state: 'expired'; readonly person: Person };

/** What the sign-in page sent the browser back with. */
interface Arrival {
  readonly departure: Departure | null;
  readonly code: string;
  readonly error: string;
}

const NOBODY: Person = { subject: '', name: '' };
const EARLY_MS = 60_000; // a token is renewed before it ends
const NEAR_MS = 5_000; // and is not sent any more when it is this near
const AGAIN_MS = 15_000;
const LONGEST_MS = 2 ** 31 - 1; // 25 days: a browser takes more for no time at all
const CHANNEL = 'tintype.session';
const LOCK = 'tintype.session';
const CANCELLED = 'access_denied';

@Injectable({ providedIn: 'root' })
export class Session {
  private readonly configuration = inject(Configuration);
  private readonly current = signal<SessionState>({ state: 'starting' });
  private readonly tokens = signal<Tokens | null>(null);
  private readonly injector = inject(Injector);
  private readonly destroyed = inject(DestroyRef);
  private channel: BroadcastChannel | undefined;
  private arrival: Arrival | null = null;
  private provider: Promise<Provider> | undefined;
  private renewing: Promise<void> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private begun = false;

  readonly state = computed<SessionState>(() => {
    const found = this.configuration.state();
    const open = found.state === 'loaded' && found.config.accessMode === 'open';
    return open ? { state: 'open' } : this.current();
  });
  /** Whether requests may be made. */
  readonly usable = computed(() => ['open', 'in'].includes(this.state().state));
  /** Changes with every renewal; empty where there is none. */
  readonly accessToken = computed(() => this.tokens()?.access ?? '');

  /** Takes a code out of the address before anything else can see it: the first thing of all. */
  arrive(): void {
    if (location.pathname !== CALLBACK || !location.search) return;
    const said = new URLSearchParams(location.search);
    const departure = takeDeparture();
    const ours = departure !== null && said.get('state') === departure.state;
    history.replaceState(null, '', ours ? departure.back : CALLBACK);
    const [code, error] = [said.get('code') ?? '', said.get('error') ?? ''];
    this.arrival = { departure: ours ? departure : null, code, error };
  }

  /** Goes on with the session that was begun or kept; never throws: `state` says what came of it. */
  async begin(): Promise<void> {
    const open = this.state().state === 'open';
    rememberSignsIn(!open);
    if (open || this.begun) return;
    this.begun = true;
    this.channel ??= this.listen();
    const arrival = this.arrival;
    this.arrival = null;
    try {
      if (arrival) await this.finish(arrival);
      else if (readKept()) await this.renew();
      else this.leave('');
    } catch (error) {
      const ended = error instanceof SessionEndedError && !arrival;
      this.leave(ended ? 'Your session has ended.' : sentenceOf(error), !ended && !!readKept());
    }
  }

  /** Tries once more to go on with the session that was kept. */
  async beginAgain(): Promise<void> {
    this.current.set({ state: 'starting' });
    this.begun = false;
    await this.begin();
  }

  /** Leaves for the sign-in page, which leads back to *back*; says whether it can. */
  async signIn(back: string): Promise<boolean> {
    try {
      if (!isSecureContext) throw new IssuerError('this page must be opened over HTTPS');
      const { signIn } = this.configuration.values;
      const attempt = newAttempt();
      const url = await authorizeUrl(await this.issuer(), signIn, attempt);
      rememberDeparture({ ...attempt, back });
      location.assign(url);
      return true;
    } catch (error) {
      this.leave(sentenceOf(error));
      return false;
    }
  }

  /** Ends the session in all tabs, and at the issuer. */
  async signOut(): Promise<void> {
    const kept = readKept();
    const refresh = kept?.refresh ?? this.tokens()?.refresh;
    keep(null);
    this.leave('You have signed out.');
    try {
      const { values } = this.configuration;
      const provider = await this.issuer();
      if (refresh) await revoke(provider, values.signIn, refresh);
      const url = logoutUrl(provider, values, `${location.origin}/`);
      if (url) location.assign(url);
    } catch {
      // The issuer cannot be reached; here, nothing is left of the session.
    }
  }

  /** Returns the token while it is good; null if it must be renewed. Empty where none is needed. */
  peek(): string | null {
    if (this.state().state === 'open') return '';
    const tokens = this.tokens();
    return tokens && tokens.expires - NEAR_MS > Date.now() ? tokens.access : null;
  }

  /** Returns a token that is good. Throws `SessionEndedError` or `IssuerError`. */
  async token(): Promise<string> {
    const token = this.peek();
    if (token !== null) return token;
    await this.renew();
    return this.accessToken();
  }

  /** Renews a token that was refused, unless that has happened. Throws as `token` does. */
  async renewAfter(refused: string): Promise<void> {
    if (this.accessToken() === refused) await this.renew();
  }

  /** Hears what other tabs do. */
  private listen(): BroadcastChannel {
    const leaving = new AbortController();
    const channel = new BroadcastChannel(CHANNEL);
    addEventListener('storage', (event) => this.onStorage(event), { signal: leaving.signal });
    channel.onmessage = ({ data }: MessageEvent<Tokens>) => this.onSignedInElsewhere(data);
    this.destroyed.onDestroy(() => {
      leaving.abort();
      channel.close();
      clearTimeout(this.timer);
    });
    return channel;
  }

  /** Resolves once requests may be made again, or at once when the signal comes. */
  usableAgain(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        watching.destroy();
        resolve();
      };
      const { injector } = this;
      const watching = effect(() => (this.usable() ? end() : undefined), { injector });
      signal.addEventListener('abort', end);
    });
  }

  private async finish({ departure, code, error }: Arrival): Promise<void> {
    if (error || !departure || !code) {
      const note = error === CANCELLED ? 'You did not sign in.' : NOT_DONE;
      this.leave(error ? note : 'That sign-in was not begun in this window.');
      return;
    }
    const { signIn } = this.configuration.values;
    const tokens = await exchange(await this.issuer(), signIn, code, departure);
    this.take(tokens);
    this.channel?.postMessage(tokens);
  }

  private renew(): Promise<void> {
    this.renewing ??= this.renewAlone().finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  private async renewAlone(): Promise<void> {
    try {
      await alone(() => this.renewKept());
    } catch (error) {
      if (error instanceof SessionEndedError) this.expire();
      else this.renewIn(AGAIN_MS);
      throw error;
    }
  }

  private async renewKept(refusedBefore?: string): Promise<void> {
    const kept = readKept();
    const refresh = kept?.refresh ?? this.tokens()?.refresh;
    if (!refresh || refresh === refusedBefore || this.current().state === 'out') {
      throw new SessionEndedError('there is nothing to renew it with');
    }
    let tokens: Tokens;
    try {
      tokens = await refreshed(await this.issuer(), this.configuration.values.signIn, refresh);
    } catch (error) {
      // Without a lock, another tab may have used it up and kept the next one.
      if (error instanceof SessionEndedError && !refusedBefore) return this.renewKept(refresh);
      throw error;
    }
    const signedOut = this.current().state === 'out' || (kept && !readKept());
    if (signedOut) throw new SessionEndedError('somebody signed out meanwhile');
    this.take({ ...tokens, refresh: tokens.refresh ?? refresh });
  }

  /** Makes tokens the session's, here and for the tabs to come. */
  private take(tokens: Tokens): void {
    const before = this.person();
    const person = tokens.person ?? readKept()?.person ?? before;
    if (tokens.refresh) keep({ refresh: tokens.refresh, person });
    if (before.subject && before.subject !== person.subject) return location.reload();
    this.use(tokens, person);
  }

  private use(tokens: Tokens, person: Person): void {
    this.tokens.set(tokens);
    const { state } = this.current();
    if (state !== 'in') this.current.set({ state: 'in', person });
    const left = tokens.expires - Date.now();
    this.renewIn(Math.max(NEAR_MS, left - Math.min(EARLY_MS, left / 4)));
  }

  private renewIn(ms: number): void {
    clearTimeout(this.timer);
    if (!readKept() && !this.tokens()?.refresh) return;
    const renew = (): void => void this.renew().catch(() => undefined);
    this.timer = setTimeout(renew, Math.min(ms, LONGEST_MS));
  }

  private expire(): void {
    const now = this.current();
    clearTimeout(this.timer);
    this.tokens.set(null);
    if (now.state === 'in') this.current.set({ state: 'expired', person: now.person });
  }

  private leave(note: string, again = false): void {
    clearTimeout(this.timer);
    this.tokens.set(null);
    this.current.set({ state: 'out', note, again });
  }

  /** Another tab signed out, or a browser's settings cleared all that is kept. */
  private onStorage({ key, newValue }: StorageEvent): void {
    const gone = key === null || (key === KEPT && newValue === null);
    const { state } = this.current();
    if (gone && (state === 'in' || state === 'expired')) this.leave('You have signed out.');
  }

  /** Goes on with the tokens of a tab where somebody signed in: the same person, or from the beginning. */
  private onSignedInElsewhere(tokens: Tokens): void {
    const now = this.current();
    if (now.state === 'out') return location.reload();
    if (now.state !== 'in' && now.state !== 'expired') return;
    const { subject } = tokens.person ?? NOBODY;
    if (subject !== now.person.subject) return location.reload();
    this.use(tokens, now.person);
  }

  private person(): Person {
    const now = this.current();
    return now.state === 'in' || now.state === 'expired' ? now.person : NOBODY;
  }

  /** Asks once where the issuer's doors are, and again only after a failure. */
  private issuer(): Promise<Provider> {
    this.provider ??= providerOf(this.configuration.values).catch((error: unknown) => {
      this.provider = undefined;
      throw error;
    });
    return this.provider;
  }
}

const NOT_DONE = 'The sign-in did not work.';

function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `${NOT_DONE.slice(0, -1)}: ${text}.`;
}

/** Lets one tab at a time act, where the browser has locks. */
function alone<T>(act: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? navigator.locks.request(LOCK, act) : act();
}
