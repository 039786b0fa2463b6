// Saves a focal point for every crop of an image, and takes that back; until the new renditions are there, it waits.
import { Component, DestroyRef, computed, inject, input, model, signal } from '@angular/core';
import { reasonOf } from '../backend/api';
import type { Focus, Image } from '../backend/models';
import { ProgressBar } from '../shared/progress-bar';
import { Toasts } from '../shared/toasts';
import { isFinal } from '../state/catalogue';
import { Images } from '../state/images';
import { isSame, placeText } from './focal';

const LONGEST_MS = 60_000;

/** What was asked for, and what was there before. */
interface Change {
  readonly to: Focus | null;
  readonly from: Focus | null;
  readonly version: number;
}

@Component({
  selector: 'tt-focus-buttons',
  imports: [ProgressBar],
  template: `
    <p class="note" role="status">{{ text() }}</p>
    @if (waiting()) {
      <tt-progress label="Rendering again" />
    }
    @if (mayChange()) {
      <div class="actions">
        <button
          type="button"
          class="btn btn-primary"
          [disabled]="!drawn() || waiting()"
          (click)="save(point())"
        >
          Save focal point
        </button>
        @if (drawn()) {
          <button
            type="button"
            class="btn btn-outline-primary"
            [disabled]="waiting()"
            (click)="point.set(image().focus)"
          >
            Discard
          </button>
        } @else if (undoable(); as change) {
          <button
            type="button"
            class="btn btn-outline-primary"
            [disabled]="waiting()"
            (click)="save(change.from)"
          >
            Undo
          </button>
        }
        @if (image().focus && !drawn()) {
          <button
            type="button"
            class="btn btn-outline-primary"
            [disabled]="waiting()"
            (click)="save(null)"
          >
            Remove
          </button>
        }
      </div>
    }
  `,
})
export class FocusButtons {
  private readonly images = inject(Images);
  private readonly toasts = inject(Toasts);

  readonly image = input.required<Image>();
  /** Where the point was drawn to. */
  readonly point = model.required<Focus | null>();
  readonly mayChange = input.required<boolean>();

  private readonly change = signal<Change | null>(null);
  private readonly refused = signal(false);
  /** Whether what was asked for is not what the image has, with its new renditions. */
  protected readonly waiting = computed(() => {
    const [change, image] = [this.change(), this.image()];
    if (!change || this.refused()) return false;
    return image.version <= change.version || !isFinal(image) || !isSame(image.focus, change.to);
  });
  protected readonly drawn = computed(
    () => !this.waiting() && !isSame(this.point(), this.image().focus),
  );
  protected readonly undoable = computed(() => (this.refused() ? null : this.change()));
  protected readonly text = computed(() => {
    if (this.waiting()) return 'Saving: every crop is being made again…';
    if (this.drawn()) {
      return this.mayChange()
        ? 'Not saved yet: only the address below uses it.'
        : 'Only the address below uses it.';
    }
    const { focus } = this.image();
    if (!focus) return 'None is saved: crops keep the centre, or what their preset says.';
    return `Saved for every crop: ${placeText(focus.x, 'left')}, ${placeText(focus.y, 'top')}.`;
  });

  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => clearTimeout(this.timer));
  }

  protected async save(to: Focus | null): Promise<void> {
    const { id, focus, version } = this.image();
    this.point.set(to);
    this.refused.set(false);
    this.change.set({ to, from: focus, version });
    clearTimeout(this.timer);
    try {
      await this.images.setFocus(id, to);
      this.timer = setTimeout(() => this.giveUp('this takes longer than usual'), LONGEST_MS);
    } catch (error) {
      this.giveUp(reasonOf(error));
    }
  }

  /** Lets somebody try again, unless it has come. */
  private giveUp(reason: string): void {
    if (!this.waiting()) return;
    this.refused.set(true);
    this.toasts.show({ text: `Focal point not saved: ${reason}`, tone: 'danger' });
  }
}
