// What one can give away of a private image: an address that expires; and how it becomes public.
import { Component, computed, effect, inject, input, untracked } from '@angular/core';
import { backOff } from '../backend/live-state';
import type { Image, Rendition } from '../backend/models';
import { sharedAddress, signedUntil } from '../shared/addresses';
import { CopyButton } from '../shared/copy-button';
import { clockText } from '../shared/times';
import { Images } from '../state/images';
import { nameOf } from './comparison';

const LEAST_MS = 30 * 60_000; // what an address that is offered is good for

@Component({
  selector: 'tt-private-address',
  imports: [CopyButton],
  template: `
    <p class="muted">
      This image is private: a copied address opens for anyone who has it, until it expires. To use
      the image on a web page, make it public{{ mayChange() ? ' with the button at the top' : '' }}.
    </p>
    @if (rendition(); as one) {
      @if (one.signed) {
        <tt-copy
          [caption]="caption()"
          [label]="caption() + ' of ' + nameOf(one)"
          [text]="sharedAddress(one)"
        />
      } @else {
        <p class="muted" role="status">Getting an address…</p>
      }
    }
  `,
})
export class PrivateAddress {
  private readonly images = inject(Images);

  readonly image = input.required<Image>();
  readonly rendition = input.required<Rendition | undefined>();
  readonly mayChange = input.required<boolean>();

  protected readonly nameOf = nameOf;
  protected readonly sharedAddress = sharedAddress;
  private readonly until = computed(() => signedUntil(this.image()));
  protected readonly caption = computed(
    () => `Copy address (valid until ${clockText(this.until())})`,
  );

  constructor() {
    effect((onCleanup) => {
      const [id, until] = [this.image().id, this.until()];
      onCleanup(untracked(() => this.refreshIn(id, Math.max(0, until - Date.now() - LEAST_MS))));
    });
  }

  /** Reads the image again before its addresses expire, or because it has none; returns what stops that. */
  private refreshIn(id: string, ms: number, failures = 0): () => void {
    let stop = (): void => clearTimeout(timer);
    const timer = setTimeout(
      () =>
        void this.images.read(id).catch(() => {
          stop = this.refreshIn(id, backOff(failures), failures + 1);
        }),
      ms,
    );
    return () => stop();
  }
}
