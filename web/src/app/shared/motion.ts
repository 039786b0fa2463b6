// Whether the reader wants things to stand still, as a signal.
import { DOCUMENT, Injectable, inject, signal } from '@angular/core';

@Injectable({ providedIn: 'root' })
export class Motion {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- jsdom, in the specs, has none
  private readonly query = inject(DOCUMENT).defaultView?.matchMedia?.(
    '(prefers-reduced-motion: reduce)',
  );
  private readonly wanted = signal(this.query?.matches ?? false);
  readonly reduced = this.wanted.asReadonly();

  constructor() {
    this.query?.addEventListener('change', (event) => this.wanted.set(event.matches));
  }
}
