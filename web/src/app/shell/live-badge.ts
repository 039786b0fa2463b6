// The small badge that says how news comes, and is never better than the truth.
import { Component, computed, inject } from '@angular/core';
import { Live } from '../backend/live';
import type { LinkState } from '../backend/live-state';

interface Words {
  readonly label: string;
  readonly meaning: string;
}

const WORDS: Readonly<Record<LinkState, Words>> = {
  live: { label: 'Live', meaning: 'Connected: every change appears here by itself.' },
  connecting: {
    label: 'Connecting',
    meaning: 'Connecting; until then this page may be a moment behind.',
  },
  polling: {
    label: 'Polling',
    meaning: 'The live connection is down. This page asks every few seconds, and goes on trying.',
  },
  offline: {
    label: 'Offline',
    meaning: 'The service cannot be reached, so what you see may be old. It goes on by itself.',
  },
};

@Component({
  selector: 'tt-live-badge',
  template: `
    <span class="live" role="status" [attr.data-link]="state()" [title]="words().meaning">
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
