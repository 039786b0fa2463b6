// The way into the playground: its code is loaded, and anything is asked for, when somebody opens it.
import { NgComponentOutlet } from '@angular/common';
import { Component, type Type, computed, input, linkedSignal, signal } from '@angular/core';
import type { Image } from '../backend/models';

type Code = Type<unknown> | 'loading' | 'failed' | null;

@Component({
  selector: 'tt-open-playground',
  imports: [NgComponentOutlet],
  template: `
    <button
      type="button"
      class="btn btn-outline-primary"
      [attr.aria-expanded]="open()"
      (click)="toggle()"
    >
      {{ open() ? 'Close the playground' : 'Open the playground' }}
    </button>
    @if (open()) {
      @let found = code();
      @if (found === 'failed') {
        <p class="alert alert-warning" role="alert">
          The playground could not be loaded. Check your connection, then open it again.
        </p>
      } @else if (found !== 'loading') {
        <ng-container *ngComponentOutlet="found; inputs: inputs()" />
      }
    }
  `,
})
export class OpenPlayground {
  readonly image = input.required<Image>();
  /** Whether one may save a focal point. */
  readonly mayChange = input.required<boolean>();

  /** Of another image it is closed. */
  protected readonly open = linkedSignal<string, boolean>({
    source: () => this.image().id,
    computation: () => false,
  });
  protected readonly code = signal<Code>(null);
  protected readonly inputs = computed(() => ({
    image: this.image(),
    mayChange: this.mayChange(),
  }));

  protected toggle(): void {
    this.open.update((open) => !open);
    const code = this.code();
    if (this.open() && (code === null || code === 'failed')) void this.load();
  }

  private async load(): Promise<void> {
    this.code.set('loading');
    try {
      const { Playground } = await import('../playground/playground');
      this.code.set(Playground);
    } catch {
      this.code.set('failed');
    }
  }
}
