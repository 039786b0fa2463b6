// What private metadata the original had, none of which is in a rendition.
import { Component, input } from '@angular/core';

@Component({
  selector: 'tt-privacy-receipt',
  template: `
    <h2>Privacy receipt</h2>
    @if (removed().length > 0) {
      <p>
        {{ readable() ? 'Not in any rendition:' : 'Removed from every rendition:' }}
      </p>
      <ul>
        @for (one of removed(); track one) {
          <li>
            <svg class="glyph good" viewBox="0 0 16 16" aria-hidden="true">
              <path d="M3 8.5l3.2 3.2L13 5" />
            </svg>
            {{ one }}
          </li>
        }
      </ul>
    } @else {
      <p>Nothing private was found in this picture.</p>
    }
    <p class="note">
      @if (readable()) {
        Anyone who can open this page can still open the original, which is unchanged.
      } @else {
        Only renditions are public. The original is private.
      }
    </p>
  `,
  host: { class: 'receipt card card-body' },
})
export class PrivacyReceipt {
  readonly removed = input.required<readonly string[]>();
  /** Whether the stack gives out links to originals. */
  readonly readable = input.required<boolean>();
}
