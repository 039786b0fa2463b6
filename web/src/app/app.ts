// The shell: header, the page of the route, and what stays while pages change. Start with `app.routes.ts`.
import { Component, type ElementRef, effect, inject, untracked, viewChild } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { Configuration } from './backend/config';
import { PictureCookie } from './backend/picture-cookie';
import { Session } from './backend/session';
import { ToastOutlet } from './shared/toast-outlet';
import { Colophon } from './shell/colophon';
import { ConfigMissing } from './shell/config-missing';
import { Header } from './shell/header';
import { OpenNotice } from './shell/open-notice';
import { SessionNotice } from './shell/session-notice';
import { SignIn } from './shell/sign-in';
import { Theme } from './shell/theme';
import { Images } from './state/images';
import { DropZone } from './upload/drop-zone';
import { Tray } from './upload/tray';

@Component({
  selector: 'tt-root',
  imports: [
    RouterOutlet,
    Header,
    OpenNotice,
    SessionNotice,
    SignIn,
    Colophon,
    ConfigMissing,
    DropZone,
    Tray,
    ToastOutlet,
  ],
  template: `
    @let state = configuration.state().state;
    @switch (state) {
      @case ('loaded') {
        <button
          type="button"
          class="skip btn btn-primary visually-hidden-focusable"
          (click)="skip()"
        >
          Skip to content
        </button>
        <tt-header />
        @let signedIn = session.state().state;
        @switch (signedIn) {
          @case ('starting') {
            <main #main class="main" tabindex="-1">
              <p class="centred muted" role="status">Signing in…</p>
            </main>
            <tt-colophon />
          }
          @case ('out') {
            <main #main class="main" tabindex="-1"><tt-sign-in /></main>
            <tt-colophon />
          }
          @default {
            <tt-open-notice />
            <tt-session-notice />
            <main #main class="main" tabindex="-1"><router-outlet /></main>
            <tt-colophon />
            <tt-drop-zone />
            <tt-tray />
          }
        }
        <tt-toasts />
      }
      @case ('missing') {
        <main class="main"><tt-config-missing /></main>
      }
      @case ('loading') {}
      @default never;
    }
  `,
})
export class App {
  protected readonly configuration = inject(Configuration);
  protected readonly session = inject(Session);
  private readonly images = inject(Images);
  private readonly main = viewChild<ElementRef<HTMLElement>>('main');

  constructor() {
    inject(Theme);
    inject(PictureCookie);
    const begin = effect(() => {
      if (this.configuration.state().state !== 'loaded') return;
      begin.destroy();
      void untracked(() => this.session.begin());
    });
    const start = effect(() => {
      if (this.configuration.state().state !== 'loaded' || !this.session.usable()) return;
      start.destroy();
      untracked(() => this.images.start(whenIdle));
    });
  }

  protected skip(): void {
    this.main()?.nativeElement.focus();
  }
}

const LAYOUT_MS = 300; // until the first pictures are asked for
const LATEST_MS = 3_000;

/** Resolves when the first pictures are there, or are late, and the browser has nothing to do. */
async function whenIdle(): Promise<void> {
  await pause(LAYOUT_MS);
  await Promise.race([picturesArrived(), pause(LATEST_MS)]);
  await new Promise<unknown>((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(resolve, { timeout: LATEST_MS });
    else setTimeout(resolve, 0); // Safari
  });
}

/** Resolves when every picture that is on the screen was loaded, or cannot be. */
async function picturesArrived(): Promise<void> {
  const awaited = [...document.images].filter((one) => !one.complete && isOnScreen(one));
  await Promise.allSettled(awaited.map((one) => one.decode()));
}

function isOnScreen(one: Element): boolean {
  const { top, bottom } = one.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
