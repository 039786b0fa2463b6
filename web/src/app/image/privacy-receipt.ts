// What private metadata the original had, none of which is in a rendition.
import { Component, input } from '@angular/core';
import type { Visibility } from '../backend/models';

export type Readers = 'all' | 'owner' | 'none';

@Component({
  selector: 'tt-privacy-receipt',
  template: `
    <h2>Privacy receipt</h2>
    @if (removed().length > 0) {
      <p>
        {{ original() === 'none' ? 'Removed from every rendition:' : 'Not in any rendition:' }}
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
      @let readers = original();
      @switch (readers) {
        @case ('all') {
          Anyone who can open this page can still open the original, which is unchanged.
        }
        @case ('owner') {
          @if (visibility() === 'private') {
            Renditions and the original, which is unchanged, are for its owner and administrators.
          } @else {
            Only renditions are public. The original, which is unchanged, is for its owner and
            administrators.
          }
        }
        @case ('none') {
          Only renditions are public. The original is private.
        }
        @default never;
      }
    </p>
  `,
  host: { class: 'receipt card card-body' },
})
export class PrivacyReceipt {
  readonly removed = input.required<readonly string[]>();
  /** Who is given links to the original. */
  readonly original = input.required<Readers>();
  /** Who is given the renditions. */
  readonly visibility = input.required<Visibility>();
}
