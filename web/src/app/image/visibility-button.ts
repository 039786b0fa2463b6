// Makes an image private, or public once somebody has confirmed what that means.
import {
  Component,
  DestroyRef,
  ElementRef,
  computed,
  inject,
  input,
  linkedSignal,
  viewChild,
} from '@angular/core';
import { reasonOf } from '../backend/api';
import type { Image, Visibility } from '../backend/models';
import { Toasts } from '../shared/toasts';
import { Images } from '../state/images';

const LONGEST_MS = 60_000;
const OTHER: Readonly<Record<Visibility, Visibility>> = { public: 'private', private: 'public' };
const LABELS: Readonly<Record<Visibility, string>> = {
  public: 'Make public…',
  private: 'Make private',
};

@Component({
  selector: 'tt-visibility-button',
  template: `
    <button type="button" class="btn btn-outline-primary" [disabled]="busy()" (click)="begin()">
      {{ changing() ? 'Making it ' + changing() + '…' : labels[other()] }}
    </button>
    <span class="visually-hidden" role="status">{{
      changing() ? 'Making it ' + changing() : ''
    }}</span>
    <dialog #question class="question" aria-labelledby="publish-title">
      <h2 id="publish-title" class="section-title">Make this image public?</h2>
      <p>
        Anyone with the address of a rendition will see it, without signing in. The original stays
        private.
      </p>
      <form method="dialog" class="actions">
        <button type="submit" class="btn btn-outline-primary">Keep private</button>
        <button type="submit" class="btn btn-primary" (click)="change('public')">
          Make public
        </button>
      </form>
    </dialog>
  `,
})
export class VisibilityButton {
  private readonly images = inject(Images);
  private readonly toasts = inject(Toasts);
  private readonly question = viewChild.required<ElementRef<HTMLDialogElement>>('question');

  readonly image = input.required<Image>();
  /** Whether something else is done with it. */
  readonly waiting = input.required<boolean>();

  protected readonly labels = LABELS;
  protected readonly other = computed(() => OTHER[this.image().visibility]);
  /** What it is about to be; null once it is, or when another image is shown. */
  protected readonly changing = linkedSignal<string, Visibility | null>({
    source: () => `${this.image().id} ${this.image().visibility}`,
    computation: () => null,
  });
  protected readonly busy = computed(() => this.waiting() || this.changing() !== null);

  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => clearTimeout(this.timer));
  }

  protected begin(): void {
    if (this.other() === 'public') this.question().nativeElement.showModal();
    else void this.change('private');
  }

  protected async change(visibility: Visibility): Promise<void> {
    const { id } = this.image();
    this.changing.set(visibility);
    clearTimeout(this.timer);
    try {
      await this.images.setVisibility(id, visibility);
      this.timer = setTimeout(() => this.giveUp(id, 'this takes longer than usual'), LONGEST_MS);
    } catch (error) {
      this.giveUp(id, reasonOf(error));
    }
  }

  /** Lets somebody try again, unless it has changed or another image is shown. */
  private giveUp(id: string, reason: string): void {
    const visibility = this.changing();
    if (id !== this.image().id || !visibility) return;
    this.changing.set(null);
    this.toasts.show({ text: `Not made ${visibility}: ${reason}`, tone: 'danger' });
  }
}
