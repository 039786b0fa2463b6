// The shell: header, the page of the route, and what stays while pages change. Start with `app.routes.ts`.
import { Component, effect, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { Configuration } from './backend/config';
import { ToastOutlet } from './shared/toast-outlet';
import { ConfigMissing } from './shell/config-missing';
import { Header } from './shell/header';
import { Theme } from './shell/theme';
import { Images } from './state/images';
import { DropZone } from './upload/drop-zone';
import { Tray } from './upload/tray';

@Component({
  selector: 'tt-root',
  imports: [RouterOutlet, Header, ConfigMissing, DropZone, Tray, ToastOutlet],
  template: `
    @switch (configuration.state().state) {
      @case ('loaded') {
        <button type="button" class="skip" (click)="main.focus()">Skip to the content</button>
        <tt-header />
        <main #main class="main" tabindex="-1"><router-outlet /></main>
        <tt-drop-zone />
        <tt-tray />
        <tt-toasts />
      }
      @case ('missing') {
        <main class="main"><tt-config-missing /></main>
      }
    }
  `,
})
export class App {
  protected readonly configuration = inject(Configuration);
  private readonly images = inject(Images);

  constructor() {
    inject(Theme);
    const begin = effect(() => {
      if (this.configuration.state().state !== 'loaded') return;
      begin.destroy();
      this.images.start(whenIdle);
    });
  }
}

const PICTURES_MS = 600;
const LATEST_MS = 2_000;

/** Resolves when the first pictures had their time, and the browser has nothing to do. */
async function whenIdle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, PICTURES_MS));
  await new Promise<unknown>((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(resolve, { timeout: LATEST_MS });
    else setTimeout(resolve, 0); // Safari
  });
}
