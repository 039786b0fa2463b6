// The uploads at the page's corner: a panel on wide screens, a sheet at the bottom of phones.
import {
  Component,
  DOCUMENT,
  DestroyRef,
  type ElementRef,
  computed,
  effect,
  inject,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { Router } from '@angular/router';
import { map } from 'rxjs';
import { ProgressBar } from '../shared/progress-bar';
import { type FoldingEvent, UNTOUCHED, fold, isOpen, phaseOf } from './folding';
import { type Upload, hasEnded, inOrder } from './queue';
import { TrayItem } from './tray-item';
import { Uploads } from './uploads';
import { announcement, headline } from './wording';

const WIDE = '(min-width: 576px)';
const HAS_MOUSE = '(hover: hover)'; // without one, the last thing that was tapped counts as hovered
const GALLERY = /^\/(?:$|[?#])/;
const EVENTS = { empty: 'emptied', busy: 'began', failed: 'failed' } as const;
const ANNOUNCE_EVERY_MS = 1_500; // so that twenty pictures do not make twenty interruptions
const RESTS_AFTER_MS = 6_000;

@Component({
  selector: 'tt-tray',
  imports: [ProgressBar, TrayItem],
  host: { '(keydown.escape)': 'close()' },
  template: `
    <div class="visually-hidden" aria-live="polite" role="status">{{ announced() }}</div>
    @if (uploads.list().length > 0) {
      <section #tray class="tray card" [class.tray-folded]="!open()" aria-label="Uploads">
        <div class="tray-head">
          <button
            #toggle
            type="button"
            class="tray-toggle btn"
            [attr.aria-expanded]="open()"
            aria-controls="tray-list"
            (click)="dispatch({ type: 'toggled', open: open() })"
          >
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
              <path d="M6 9l6 6 6-6" />
            </svg>
            <span class="text-truncate numbers" [class.bad]="phase() === 'failed'">
              {{ title() }}
            </span>
          </button>
          @if (finished() > 0) {
            <button type="button" class="btn btn-link" (click)="clear()">
              Clear<span class="visually-hidden"> finished uploads</span>
            </button>
          }
        </div>
        @if (summary().pending > 0) {
          <tt-progress label="All uploads" [percent]="percent()" />
        } @else if (summary().processing > 0) {
          <tt-progress label="Processing" />
        }
        <ul class="tray-list" id="tray-list" [hidden]="!open()">
          @for (upload of shown(); track upload.key) {
            <li>
              <tt-tray-item
                [upload]="upload"
                (dismissed)="moveFocus(uploads.list().length === 1)"
                (reprocessed)="moveFocus(false)"
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
  protected readonly announced = signal('');
  protected readonly title = computed(() => headline(this.summary()));
  protected readonly percent = computed(() => Math.round(100 * this.summary().sent));
  protected readonly shown = computed(() => inOrder(this.uploads.list()));
  protected readonly finished = computed(
    () => this.uploads.list().filter((one) => hasEnded(one.stage)).length,
  );
  protected readonly phase = computed(() => phaseOf(this.summary()));

  private readonly router = inject(Router);
  private readonly wide = matching(WIDE);
  /** A page of one image has nothing to spare. */
  private readonly inGallery = toSignal(
    this.router.events.pipe(map(() => GALLERY.test(this.router.url))),
    { initialValue: GALLERY.test(this.router.url) },
  );
  private readonly folding = signal(UNTOUCHED);
  protected readonly open = computed(() => isOpen(this.folding(), this.wide() && this.inGallery()));

  private readonly document = inject(DOCUMENT);
  private readonly panel = viewChild<ElementRef<HTMLElement>>('tray');
  private readonly toggle = viewChild<ElementRef<HTMLElement>>('toggle');
  private before: readonly Upload[] = [];
  private pause: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    effect(() => {
      this.uploads.list();
      this.pause ??= setTimeout(() => untracked(() => this.announce()), ANNOUNCE_EVERY_MS);
    });
    effect((onCleanup) => {
      const phase = this.phase();
      if (phase === 'well') onCleanup(this.restSoon());
      else this.dispatch({ type: EVENTS[phase] });
    });
  }

  protected dispatch(event: FoldingEvent): void {
    this.folding.update((folding) => fold(folding, event));
  }

  protected close(): void {
    if (!this.open()) return;
    this.dispatch({ type: 'toggled', open: true });
    this.toggle()?.nativeElement.focus();
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

  /** Gets out of the pictures' way in a moment, or when nobody is at it any more. */
  private restSoon(): () => void {
    const timer = setInterval(() => {
      if (this.isUsed()) return;
      clearInterval(timer);
      this.dispatch({ type: 'rested' });
    }, RESTS_AFTER_MS);
    return () => clearInterval(timer);
  }

  private isUsed(): boolean {
    const panel = this.panel()?.nativeElement;
    if (!panel) return false;
    const pointed = matchMedia(HAS_MOUSE).matches && panel.matches(':hover');
    return pointed || panel.matches(':has(:focus-visible)');
  }

  private announce(): void {
    this.pause = undefined;
    const now = this.uploads.list();
    const news = announcement(this.before, now);
    if (news) this.announced.set(news);
    this.before = now;
  }
}

function matching(query: string): () => boolean {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  const changed = (): void => matches.set(list.matches);
  list.addEventListener('change', changed);
  inject(DestroyRef).onDestroy(() => list.removeEventListener('change', changed));
  return matches.asReadonly();
}
