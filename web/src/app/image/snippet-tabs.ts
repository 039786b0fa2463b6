// Code to paste elsewhere, one tab a language.
import { Component, ElementRef, computed, input, signal, viewChildren } from '@angular/core';
import { CopyButton } from '../shared/copy-button';
import type { Snippet } from './markup';

@Component({
  selector: 'tt-snippet-tabs',
  imports: [CopyButton],
  template: `
    <div class="nav nav-tabs" role="tablist" [attr.aria-label]="label()">
      @for (one of snippets(); track one.id) {
        <button
          #tab
          type="button"
          class="nav-link"
          [class.active]="one.id === chosen()?.id"
          role="tab"
          [id]="name() + '-' + one.id"
          [attr.aria-selected]="one.id === chosen()?.id"
          [attr.aria-controls]="one.id === chosen()?.id ? name() + '-code' : null"
          [tabIndex]="one.id === chosen()?.id ? 0 : -1"
          (click)="choice.set(one.id)"
          (keydown)="onKey($event)"
        >
          {{ one.title }}
        </button>
      }
    </div>
    @if (chosen(); as one) {
      <div
        class="snippet"
        role="tabpanel"
        [id]="name() + '-code'"
        [attr.aria-labelledby]="name() + '-' + one.id"
      >
        <p class="muted">
          {{ one.note }}
          <tt-copy [text]="one.code" [label]="'Copy the ' + one.title + ' snippet'" />
        </p>
        <pre tabindex="0"><code>{{ one.code }}</code></pre>
      </div>
    }
  `,
})
export class SnippetTabs {
  private readonly tabs = viewChildren<ElementRef<HTMLElement>>('tab');

  readonly snippets = input.required<readonly Snippet[]>();
  /** What is unique on the page: its elements' IDs begin with it. */
  readonly name = input.required<string>();
  /** What they are for, for who hears it. */
  readonly label = input.required<string>();

  protected readonly choice = signal<Snippet['id'] | null>(null);
  protected readonly chosen = computed(
    () => this.snippets().find((one) => one.id === this.choice()) ?? this.snippets()[0],
  );

  protected onKey(event: KeyboardEvent): void {
    const all = this.snippets();
    const index = all.findIndex((one) => one.id === this.chosen()?.id);
    const next = tabAfter(event.key, index, all.length);
    const snippet = next === null ? undefined : all[next];
    if (next === null || !snippet) return;
    event.preventDefault();
    this.choice.set(snippet.id);
    this.tabs()[next]?.nativeElement.focus();
  }
}

/** Returns the tab that *key* leads to, round and round; null if it is no key of tabs. */
export function tabAfter(key: string, index: number, count: number): number | null {
  switch (key) {
    case 'ArrowLeft':
      return (index - 1 + count) % count;
    case 'ArrowRight':
      return (index + 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
