// A button that copies a text, and says that it did.
import { Component, inject, input, signal } from '@angular/core';
import { Announcer } from './announcer';
import { copyText } from './clipboard';

type Outcome = 'idle' | 'copied' | 'refused';

const SHOWN_MILLISECONDS = 2000;
const WORDS: Readonly<Record<Outcome, string>> = {
  idle: '',
  copied: 'Copied',
  refused: 'Not copied',
};

@Component({
  selector: 'tt-copy',
  template: `
    <button
      type="button"
      class="btn btn-outline-primary btn-sm"
      [class.good]="outcome() === 'copied'"
      [tabIndex]="stop() ? 0 : -1"
      (click)="copy()"
    >
      <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
        @if (outcome() === 'copied') {
          <path d="M3 8.5l3.2 3.2L13 5" />
        } @else {
          <path d="M5.5 5.5h7.2v8H5.5zM3.3 10.5v-8h6.5" />
        }
      </svg>
      <span class="caption" aria-hidden="true">{{ words[outcome()] || caption() }}</span>
      <span class="visually-hidden">{{ label() }}</span>
    </button>
  `,
})
export class CopyButton {
  /** What is copied. */
  readonly text = input.required<string>();
  /** The whole of what the button does, for who hears it. */
  readonly label = input.required<string>();
  /** The word on it. */
  readonly caption = input('Copy');
  /** Whether the Tab key stops here. */
  readonly stop = input(true);

  private readonly announcer = inject(Announcer);
  protected readonly words = WORDS;
  protected readonly outcome = signal<Outcome>('idle');
  private timer: ReturnType<typeof setTimeout> | undefined;

  protected async copy(): Promise<void> {
    this.outcome.set((await copyText(this.text())) ? 'copied' : 'refused');
    this.announcer.announce(this.words[this.outcome()]);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.outcome.set('idle'), SHOWN_MILLISECONDS);
  }
}
