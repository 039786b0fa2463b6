// One upload in the tray.
import {
  Component,
  type ElementRef,
  computed,
  inject,
  input,
  output,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { Caller } from '../backend/caller';
import { PrivatePicture } from '../shared/private-picture';
import { ProgressBar } from '../shared/progress-bar';
import { Images } from '../state/images';
import { whatToDo } from '../state/reasons';
import { Previews } from './previews';
import { type Upload, canCancel, hasEnded, sentOf, troubleOf } from './queue';
import { Uploads } from './uploads';
import { chipOf, detailOf } from './wording';

@Component({
  selector: 'tt-tray-item',
  imports: [PrivatePicture, ProgressBar, RouterLink],
  host: { class: 'upload', '[attr.data-stage]': 'upload().stage.at' },
  template: `
    <span class="upload-thumb">
      @if (thumb(); as url) {
        <img [ttPicture]="url" alt="" width="44" height="44" decoding="async" />
      } @else {
        <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
          <rect x="3" y="4" width="18" height="16" rx="2" />
          <path d="M3 17l5-5 4 3 4-5 5 6" />
        </svg>
      }
    </span>

    <div class="upload-text">
      @if (link(); as id) {
        <a class="upload-name text-truncate" [routerLink]="['/images', id]" [title]="upload().name">
          <bdi>{{ upload().name }}</bdi>
        </a>
      } @else {
        <span class="upload-name text-truncate" [title]="upload().name"
          ><bdi>{{ upload().name }}</bdi></span
        >
      }
      <span class="upload-detail note numbers">
        <strong [class]="chip().tone">{{ chip().text }}</strong>
        {{ detail() }}
      </span>
      @if (upload().stage.at === 'uploading') {
        <tt-progress [label]="barLabel()" [percent]="percent()" />
      }
      @if (trouble(); as trouble) {
        <p class="upload-trouble note">
          <bdi>{{ trouble.message }}</bdi>
          <span class="muted">{{ advice() }}</span>
        </p>
      }
    </div>

    <div class="hstack">
      @if (canRetry()) {
        <button type="button" class="btn btn-icon" (click)="retry()">
          <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
            <path d="M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4" />
          </svg>
          <span class="visually-hidden">Try {{ upload().name }} again</span>
        </button>
      }
      @if (canCancel() || ended()) {
        <button #end type="button" class="btn btn-icon" (click)="leave()">
          <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
            <path d="M6 6l12 12M18 6L6 18" />
          </svg>
          <span class="visually-hidden">
            {{ canCancel() ? 'Cancel' : 'Dismiss' }} {{ upload().name }}
          </span>
        </button>
      }
    </div>
  `,
})
export class TrayItem {
  protected readonly uploads = inject(Uploads);
  private readonly previews = inject(Previews);
  private readonly images = inject(Images);
  private readonly caller = inject(Caller);

  readonly upload = input.required<Upload>();
  /** Before it goes, so that the focus can go elsewhere. */
  readonly dismissed = output();
  /** Before it is processed again, and so without any button. */
  readonly reprocessed = output();
  private readonly end = viewChild<ElementRef<HTMLElement>>('end');
  protected readonly chip = computed(() => chipOf(this.upload()));
  protected readonly detail = computed(() => detailOf(this.upload()));
  protected readonly ended = computed(() => hasEnded(this.upload().stage));
  protected readonly trouble = computed(() => troubleOf(this.upload().stage));

  protected readonly thumb = computed(() => {
    const { key, stage } = this.upload();
    const local = this.previews.of(key);
    if (local || stage.at !== 'ready') return local;
    const renditions = this.images.peek(stage.imageId)?.renditions ?? [];
    return renditions.find((one) => one.preset === 'thumb')?.url;
  });

  protected readonly link = computed(() => {
    const { stage } = this.upload();
    return stage.at === 'ready' || stage.at === 'failed' ? stage.imageId : undefined;
  });

  protected readonly advice = computed(() => {
    const { stage } = this.upload();
    const trouble = troubleOf(stage);
    return trouble ? whatToDo(trouble.code, this.canRetry()) : '';
  });

  protected readonly canCancel = computed(() => canCancel(this.upload().stage));

  protected readonly canRetry = computed(() => {
    const { stage } = this.upload();
    const unsent = stage.at === 'broken' || stage.at === 'cancelled';
    return unsent || (stage.at === 'failed' && stage.retryable && this.caller.may('delete'));
  });

  /** Moves the focus first: the button that was pressed goes. */
  protected retry(): void {
    const { key, stage } = this.upload();
    if (stage.at === 'failed') this.reprocessed.emit();
    else this.end()?.nativeElement.focus();
    this.uploads.retry(key);
  }

  /** Cancels what runs, and dismisses what has ended. */
  protected leave(): void {
    const { key } = this.upload();
    if (this.canCancel()) return this.uploads.cancel(key);
    this.dismissed.emit();
    this.uploads.dismiss(key);
  }

  protected percent(): number {
    const upload = this.upload();
    return Math.round((100 * sentOf(upload)) / Math.max(1, upload.size));
  }

  protected barLabel(): string {
    return `${this.upload().name}: ${this.percent()} % uploaded`;
  }
}
