// What private metadata the original had, none of which is in a rendition.
import { Component, input } from '@angular/core';

@Component({
  selector: 'tt-privacy-receipt',
  template: `
    <h2 class="receipt-title">Privacy receipt</h2>
    @if (removed().length > 0) {
      <p class="receipt-lead">
        {{ readable() ? 'In no rendition:' : 'Removed before anyone could see it:' }}
      </p>
      <ul class="receipt-list">
        @for (one of removed(); track one) {
          <li>
            <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M3 8.5l3.2 3.2L13 5" />
            </svg>
            {{ one }}
          </li>
        }
      </ul>
    } @else {
      <p class="receipt-lead">Nothing private was found in this picture.</p>
    }
    <p class="receipt-note">
      @if (readable()) {
        Anyone who can open this page can still open the original, which is unchanged.
      } @else {
        Only renditions are public. Nobody is given the original.
      }
    </p>
  `,
  host: { class: 'receipt card-warm' },
})
export class PrivacyReceipt {
  readonly removed = input.required<readonly string[]>();
  /** Whether the stack gives out links to originals. */
  readonly readable = input.required<boolean>();
}
