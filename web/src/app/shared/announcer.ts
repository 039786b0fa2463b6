// Says things to who hears the page: one live region for all of it, there before its first word.
import { DOCUMENT, Injectable, inject } from '@angular/core';

const QUIET_MILLISECONDS = 150; // what changes again at once need not be said

@Injectable({ providedIn: 'root' })
export class Announcer {
  private readonly region = inject(DOCUMENT).createElement('div');
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.region.className = 'visually-hidden';
    this.region.setAttribute('role', 'status');
    inject(DOCUMENT).body.append(this.region);
  }

  announce(text: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.region.textContent = text), QUIET_MILLISECONDS);
  }
}
