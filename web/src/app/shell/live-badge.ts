// The small badge that says how news comes, and is never better than the truth.
import { Component, computed, inject } from '@angular/core';
import { Live } from '../backend/live';
import type { LinkState } from '../backend/live-state';

interface Words {
  readonly label: string;
  readonly meaning: string;
}

const WORDS: Readonly<Record<LinkState, Words>> = {
  live: { label: 'Live', meaning: 'Connected: changes appear as they happen.' },
  connecting: {
    label: 'Connecting',
    meaning: 'Connecting; this page may be out of date.',
  },
  polling: {
    label: 'Polling',
    meaning:
      'The live connection is down. This page checks for changes every few seconds and keeps reconnecting.',
  },
  offline: {
    label: 'Offline',
    meaning:
      'The service cannot be reached. This page may be out of date; it reconnects automatically.',
  },
};

@Component({
  selector: 'tt-live-badge',
  template: `
    <span class="live badge" role="status" [attr.data-link]="state()" [title]="words().meaning">
      <span class="live-dot" aria-hidden="true"></span>
      <span class="live-label">{{ words().label }}</span>
      <span class="visually-hidden">{{ words().meaning }}</span>
    </span>
  `,
})
export class LiveBadge {
  protected readonly state = inject(Live).state;
  protected readonly words = computed(() => WORDS[this.state()]);
}
