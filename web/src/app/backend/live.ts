// News of images as they happen. `live-state.ts` decides; this class does what it says.
import { Injectable, computed, effect, inject, signal, untracked } from '@angular/core';
import { type Observable, Subject } from 'rxjs';
import { Caller } from './caller';
import { Configuration } from './config';
import {
  type Effect,
  type Event,
  INITIAL,
  type LinkState,
  type Timer,
  linkOf,
  step,
} from './live-state';
import type { Image } from './models';
import { Session } from './session';
import { type Listener, type SocketEvents, openSocket } from './socket';

/** What is read when the socket cannot tell; both say whether they brought anything new. */
export interface Reader {
  /** Everything that is shown: called when the socket has come up. */
  readAll(): Promise<boolean>;
  /** The newest, and what is on its way: called again and again while there is no socket. */
  readOpen(): Promise<boolean>;
}

// Browsers put the timers and sockets of hidden pages to sleep, the sooner the longer they are hidden.
const ASLEEP_MS = 20_000;

@Injectable({ providedIn: 'root' })
export class Live {
  private readonly configuration = inject(Configuration);
  private readonly session = inject(Session);
  private readonly caller = inject(Caller);
  /** Whose images are heard of where they have owners; one's own if it is empty. */
  private readonly chosen = signal('');
  private readonly owner = computed(() => this.chosen() || (this.caller.me()?.owner ?? ''));
  private readonly now = signal(INITIAL);
  private readonly news = new Subject<Image>();
  private readonly timers = new Map<Timer, ReturnType<typeof setTimeout>>();
  private reader: Reader | undefined;
  private closeSocket: () => void = () => undefined;

  /** Every change that the socket tells; what is read while it is down goes to the reader. */
  readonly changes: Observable<Image> = this.news.asObservable();
  readonly state = computed<LinkState>(() => linkOf(this.now()));

  constructor() {
    effect(() => {
      const [usable, token, owner] = [
        this.session.usable(),
        this.session.accessToken(),
        this.owner(),
      ];
      untracked(() => this.follow(usable && owner !== '', token));
    });
  }

  /** Connects, for as long as the page lives. */
  start(reader: Reader): void {
    if (this.reader) return;
    this.reader = reader;
    addEventListener('online', () => this.begin());
    addEventListener('offline', () => this.dispatch('network-down'));
    let hidden = 0;
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) hidden = Date.now();
      else if (Date.now() - hidden > ASLEEP_MS) this.dispatch('reconcile');
    });
    this.dispatch(navigator.onLine && this.mayListen() ? 'start' : 'network-down');
  }

  /** Hears of another owner's images; '' are one's own. Only admins may. */
  listenTo(owner: string): void {
    this.chosen.set(owner);
  }

  /** Says that news is near, so that polling begins anew with its shortest pause. */
  pollSoon(): void {
    this.dispatch('pollSoon');
  }

  private dispatch(event: Event): void {
    const { state, effects } = step(this.now(), event);
    this.now.set(state);
    for (const effect of effects) this.perform(effect);
  }

  private perform(effect: Effect): void {
    switch (effect.do) {
      case 'open':
        return this.open();
      case 'close':
        return this.closeSocket();
      case 'read':
        return void this.read();
      case 'poll':
        return void this.poll();
      case 'wait':
        return this.wait(effect.for, effect.ms);
      case 'cancel':
        return this.cancel(effect.timers);
    }
  }

  /** Ends the connection with the session, and opens another for a newer token or another owner. */
  private follow(mayListen: boolean, token: string): void {
    if (!this.reader) return;
    if (!mayListen) return this.dispatch('network-down');
    if (this.now().network === 'down') return this.begin();
    if (token && this.now().socket !== 'closed') this.open();
  }

  private begin(): void {
    if (navigator.onLine && this.mayListen()) this.dispatch('network-up');
  }

  private mayListen(): boolean {
    return this.session.usable() && this.owner() !== '';
  }

  /** Opens a socket. One that is open stays until the other stands, so that nothing is missed. */
  private open(): void {
    const left = new AbortController();
    const whileCurrent = (act: () => void) => (): void => (left.signal.aborted ? undefined : act());
    let closeBefore = this.closeSocket;
    this.closeSocket = () => {
      closeBefore();
      left.abort();
    };
    const down = whileCurrent(() => this.dispatch('down'));
    const ready = whileCurrent(() => {
      closeBefore();
      closeBefore = () => undefined;
      this.dispatch(this.now().socket === 'open' ? 'reconcile' : 'ready');
    });
    this.connect({ ready, changed: (image) => this.news.next(image), down }, left.signal);
  }

  private connect(events: SocketEvents, left: AbortSignal): void {
    const { values } = this.configuration;
    const connect = (listener: Listener): void => {
      if (!left.aborted) left.addEventListener('abort', openSocket(values, listener, events));
    };
    if (values.accessMode === 'open') {
      try {
        return connect({ token: '', owner: null });
      } catch {
        return events.down();
      }
    }
    void this.session
      .token()
      .then((token) => connect({ token, owner: this.owner() }))
      .catch(() => events.down());
  }

  private async read(): Promise<void> {
    try {
      await this.reader?.readAll();
      this.dispatch('read-done');
    } catch {
      this.dispatch('read-failed');
    }
  }

  private async poll(): Promise<void> {
    try {
      const news = await this.reader?.readOpen();
      this.dispatch(news ? 'poll-brought-news' : 'poll-brought-nothing');
    } catch {
      this.dispatch('poll-failed');
    }
  }

  private wait(timer: Timer, ms: number): void {
    this.cancel([timer]);
    this.timers.set(
      timer,
      setTimeout(() => this.dispatch(`${timer}-due`), ms),
    );
  }

  private cancel(timers: readonly Timer[]): void {
    for (const timer of timers) clearTimeout(this.timers.get(timer));
  }
}
