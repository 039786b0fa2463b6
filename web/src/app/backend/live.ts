// News of images as they happen. `live-state.ts` decides; this class does what it says.
import { Injectable, computed, inject, signal } from '@angular/core';
import { type Observable, Subject } from 'rxjs';
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
import { openSocket } from './socket';

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
  private readonly now = signal(INITIAL);
  private readonly news = new Subject<Image>();
  private readonly timers = new Map<Timer, ReturnType<typeof setTimeout>>();
  private reader: Reader | undefined;
  private closeSocket: () => void = () => undefined;

  /** Every change that the socket tells; what is read while it is down goes to the reader. */
  readonly changes: Observable<Image> = this.news.asObservable();
  readonly state = computed<LinkState>(() => linkOf(this.now()));

  /** Connects, for as long as the page lives. */
  start(reader: Reader): void {
    if (this.reader) return;
    this.reader = reader;
    addEventListener('online', () => this.dispatch('network-up'));
    addEventListener('offline', () => this.dispatch('network-down'));
    let hidden = 0;
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) hidden = Date.now();
      else if (Date.now() - hidden > ASLEEP_MS) this.dispatch('reconcile');
    });
    this.dispatch(navigator.onLine ? 'start' : 'network-down');
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

  private open(): void {
    const left = new AbortController();
    const whileCurrent = (act: () => void) => (): void => (left.signal.aborted ? undefined : act());
    this.closeSocket = () => left.abort();
    const down = whileCurrent(() => this.dispatch('down'));
    try {
      const close = openSocket(this.configuration.values, {
        ready: whileCurrent(() => this.dispatch('ready')),
        changed: (image) => this.news.next(image),
        down,
      });
      left.signal.addEventListener('abort', close);
    } catch {
      down();
    }
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
