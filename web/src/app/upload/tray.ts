// The uploads at the page's corner: a panel on wide screens, a sheet at the bottom of phones.
import {
  Component,
  DOCUMENT,
  type ElementRef,
  computed,
  effect,
  inject,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { type Upload, hasEnded, inOrder } from './queue';
import { TrayItem } from './tray-item';
import { Uploads } from './uploads';
import { announcement, headline } from './wording';

const WIDE = '(min-width: 576px)';
const SAID_EVERY_MS = 1_500; // so that twenty pictures do not make twenty interruptions
const FOLDS_AFTER_MS = 6_000;

@Component({
  selector: 'tt-tray',
  imports: [TrayItem],
  template: `
    <div class="visually-hidden" aria-live="polite" role="status">{{ said() }}</div>
    @if (uploads.list().length > 0) {
      <section #tray class="tray" aria-label="Uploads">
        <div class="tray-head">
          <button
            #toggle
            type="button"
            class="tray-toggle"
            [attr.aria-expanded]="open()"
            aria-controls="tray-list"
            (click)="open.set(!open())"
          >
            <svg
              class="tray-arrow"
              [class.tray-arrow-up]="!open()"
              viewBox="0 0 24 24"
              fill="none"
              stroke="currentColor"
              aria-hidden="true"
            >
              <path d="M6 9l6 6 6-6" />
            </svg>
            <span class="tray-title">{{ title() }}</span>
          </button>
          @if (finished() > 0) {
            <button type="button" class="tray-clear" (click)="clear()">
              Clear<span class="visually-hidden"> finished uploads</span>
            </button>
          }
        </div>
        @if (summary().sending > 0) {
          <progress
            class="tray-bar"
            max="100"
            [value]="percent()"
            aria-label="All uploads"
          ></progress>
        } @else if (summary().developing > 0) {
          <progress class="tray-bar" max="100" aria-label="Developing"></progress>
        }
        <ul class="tray-list" id="tray-list" [hidden]="!open()">
          @for (upload of shown(); track upload.key) {
            <li>
              <tt-tray-item
                [upload]="upload"
                (dismissed)="moveFocus(uploads.list().length === 1)"
              />
            </li>
          }
        </ul>
      </section>
    }
  `,
})
export class Tray {
  protected readonly uploads = inject(Uploads);
  protected readonly summary = this.uploads.summary;
  protected readonly open = signal(matchMedia(WIDE).matches);
  protected readonly said = signal('');
  protected readonly title = computed(() => headline(this.summary()));
  protected readonly percent = computed(() => Math.round(100 * this.summary().sent));
  protected readonly shown = computed(() => inOrder(this.uploads.list()));
  protected readonly finished = computed(
    () => this.uploads.list().filter((one) => hasEnded(one.stage)).length,
  );
  private readonly allReady = computed(() => {
    const { total, ready } = this.summary();
    return total > 0 && ready === total;
  });
  private readonly endedBadly = computed(() => {
    const { sending, developing, failed } = this.summary();
    return sending + developing === 0 && failed > 0;
  });
  private readonly document = inject(DOCUMENT);
  private readonly panel = viewChild<ElementRef<HTMLElement>>('tray');
  private readonly toggle = viewChild<ElementRef<HTMLElement>>('toggle');
  private folded = false;
  private heard: readonly Upload[] = [];
  private pause: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    effect(() => {
      this.uploads.list();
      this.pause ??= setTimeout(() => untracked(() => this.say()), SAID_EVERY_MS);
    });
    effect(() => {
      if (this.endedBadly()) this.open.set(true);
    });
    effect((onCleanup) => {
      if (!this.allReady()) return this.unfold();
      const timer = setTimeout(() => this.fold(), FOLDS_AFTER_MS);
      onCleanup(() => clearTimeout(timer));
    });
  }

  protected clear(): void {
    this.moveFocus(this.finished() === this.uploads.list().length);
    this.uploads.clear();
  }

  /** Keeps the focus in the tray when the button that has it goes, or near if the tray goes too. */
  protected moveFocus(trayGoes: boolean): void {
    const add = this.document.querySelector<HTMLElement>('.add');
    (trayGoes ? add : this.toggle()?.nativeElement)?.focus();
  }

  /** Gets out of the pictures' way once all is well, unless somebody is at it. */
  private fold(): void {
    const busy = this.panel()?.nativeElement.matches(':hover, :focus-within') ?? false;
    if (busy || !this.open()) return;
    this.open.set(false);
    this.folded = true;
  }

  /** Comes back for new pictures, if it had folded by itself. */
  private unfold(): void {
    if (!this.folded) return;
    this.folded = false;
    this.open.set(true);
  }

  private say(): void {
    this.pause = undefined;
    const now = this.uploads.list();
    const news = announcement(this.heard, now);
    if (news) this.said.set(news);
    this.heard = now;
  }
}
