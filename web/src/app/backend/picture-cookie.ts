// The cookie that opens private pictures: the page asks for it with every token, and ends it with the session.
import { DestroyRef, Injectable, effect, inject, signal, untracked } from '@angular/core';
import { Api, ApiProblem } from './api';
import { backOff } from './live-state';
import { Session } from './session';

const LASTS_MS = 3_600_000;
const RENEWED_AFTER_MS = LASTS_MS * 0.75;
const FRESH_MS = 60_000; // a picture that fails so soon after it was given fails for another reason

@Injectable({ providedIn: 'root' })
export class PictureCookie {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly count = signal(0);
  private asking: Promise<void> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private given = 0; // when
  private token = '';

  /** How often it was given; 0 before the first time. What has failed to load may load when this changes. */
  readonly times = this.count.asReadonly();

  constructor() {
    effect(() => {
      const token = this.session.accessToken();
      const out = this.session.state().state === 'out';
      untracked(() => (token ? this.follow(token) : out && this.end()));
    });
    inject(DestroyRef).onDestroy(() => clearTimeout(this.timer));
  }

  /** A private picture did not load: the cookie may have run out while the browser slept. */
  onFailed(): void {
    if (Date.now() - this.given > FRESH_MS) void this.renew();
  }

  private follow(token: string): void {
    this.token = token;
    this.failures = 0;
    void this.renew();
  }

  private renew(): Promise<void> {
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async ask(): Promise<void> {
    clearTimeout(this.timer);
    if (!this.session.usable()) return;
    try {
      await this.api.openSession();
      if (!this.session.usable()) return;
      this.given = Date.now();
      this.failures = 0;
      this.count.update((times) => times + 1);
      this.renewIn(RENEWED_AFTER_MS);
    } catch (error) {
      const passing = error instanceof ApiProblem && (error.status === 0 || error.status >= 429);
      if (passing) this.renewIn(backOff(this.failures++));
    }
  }

  private renewIn(ms: number): void {
    this.timer = setTimeout(() => void this.renew(), ms);
  }

  /** Ends it; the token that was the session's is still good for that. */
  private end(): void {
    clearTimeout(this.timer);
    this.count.set(0);
    const { token, asking } = this;
    this.token = '';
    if (!token) return;
    const close = (): void => void this.api.closeSession(token).catch(() => undefined);
    close();
    void asking?.then(close); // or its answer may bring the cookie back
  }
}
