// Says that not everybody sees an image: by a word and a lock, not by a colour.
import { Component } from '@angular/core';

@Component({
  selector: 'tt-private',
  host: { class: 'badge' },
  template: `
    <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5" />
    </svg>
    Private
  `,
})
export class PrivateBadge {}
