// The gallery's pictures in rows; only those near the screen exist. The keys' way is in steps.ts.
import {
  Component,
  DestroyRef,
  ElementRef,
  Injector,
  afterNextRender,
  afterRenderEffect,
  computed,
  inject,
  input,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { Router, Scroll } from '@angular/router';
import { filter, take } from 'rxjs';
import { Caller } from '../backend/caller';
import type { Image } from '../backend/models';
import { Deletions } from '../shared/deletions';
import { Motion } from '../shared/motion';
import { ratioOf } from '../shared/renditions';
import { GalleryMemory } from './gallery-memory';
import {
  type Anchor,
  type Space,
  anchorAt,
  layOut,
  rowHeightFor,
  tilesBetween,
  topFor,
} from './layout';
import { stepFrom } from './steps';
import { Tile } from './tile';
import { Viewport } from './viewport';

const GAP = 8;
const MARGIN = 500; // pixels above and below the screen in which tiles exist
const READ_AHEAD = 2500; // pixels before the end at which older images are to be read
const SETTLE_MILLISECONDS = 1200; // after the first tiles, if nobody scrolls

@Component({
  selector: 'tt-grid',
  imports: [Tile],
  providers: [Viewport],
  host: { '(keydown)': 'onKey($event)' },
  template: `
    <ul
      #list
      class="grid"
      aria-label="Images, newest first"
      [style.height.px]="layout().height"
      (focusin)="onFocus($event)"
      (focusout)="focused.set(false)"
      (pointerover)="onPoint($event)"
      (pointerleave)="pointed.set(null)"
    >
      @for (one of shown(); track one.image.id) {
        <li
          ttTile
          [image]="one.image"
          [size]="one.tile"
          [still]="motion.reduced()"
          [load]="!viewport.flying()"
          [onScreen]="one.onScreen"
          [stop]="one.index === stop()"
          [tools]="one.index === stop() || one.image.id === pointed()"
          [style.translate]="one.tile.left + 'px ' + one.tile.top + 'px'"
          [style.width.px]="one.tile.width"
          [style.height.px]="one.tile.height"
          [attr.aria-setsize]="more() ? -1 : images().length"
          [attr.aria-posinset]="one.index + 1"
          (deleted)="delete(one.index)"
        ></li>
      }
    </ul>
  `,
})
export class Grid {
  private readonly deletions = inject(Deletions);
  private readonly caller = inject(Caller);
  private readonly memory = inject(GalleryMemory);
  protected readonly viewport = inject(Viewport);
  private readonly injector = inject(Injector);
  private readonly list = viewChild.required<ElementRef<HTMLElement>>('list');
  protected readonly motion = inject(Motion);

  readonly images = input.required<readonly Image[]>();
  readonly more = input.required<boolean>();
  /** Whether one comes from another page: back to the image that one had opened. */
  readonly arriving = input.required<boolean>();

  private readonly ids = computed(() => this.images().map((one) => one.id), { equal: sameItems });
  private readonly width = computed(() => this.viewport.measures().width);
  private readonly space = computed<Space>(() => {
    const width = this.width();
    return { width, gap: GAP, rowHeight: rowHeightFor(width) };
  });
  private readonly ratios = computed(() => this.images().map(ratioOf), { equal: sameItems });
  protected readonly layout = computed(() => layOut(this.ratios(), this.space()));

  protected readonly focused = signal(false);
  protected readonly pointed = signal<string | null>(null);
  /** The index of the tile at which the Tab key stops: the one last focused, else the first seen. */
  protected readonly stop = computed(() => {
    const active = this.ids().indexOf(this.memory.active() ?? '');
    const { first, end } = this.seen();
    return active >= 0 && (this.focused() || (active >= first && active < end)) ? active : first;
  });
  private readonly seen = computed(() => {
    const { top, height } = this.viewport.measures();
    return tilesBetween(this.layout(), top, top + height);
  });

  /** What is seen comes first: the rest when one scrolls, or when the first pictures had their time. */
  private readonly settled = signal(false);
  private readonly scrolled = signal(false);

  /** In the order of the images: an element that were moved among the others would lose the focus. */
  protected readonly shown = computed(() => {
    const { top, height } = this.viewport.measures();
    const margin = this.settled() || this.scrolled() ? MARGIN : 0;
    const { first, end } = tilesBetween(this.layout(), top - margin, top + height + margin);
    const near = Array.from({ length: end - first }, (_, offset) => first + offset);
    const [stop, images, { tiles }, seen] = [
      this.stop(),
      this.images(),
      this.layout(),
      this.seen(),
    ];
    const before = stop < first ? [stop] : [];
    const after = stop >= end ? [stop] : [];
    return [...before, ...near, ...after].flatMap((index) => {
      const [image, tile] = [images[index], tiles[index]];
      const onScreen = index >= seen.first && index < seen.end;
      return image && tile ? [{ image, tile, index, onScreen }] : [];
    });
  });

  /** Whether one is so near the end that older images should be read. */
  readonly nearEnd = computed(() => {
    const { top, height, width } = this.viewport.measures();
    const ahead = this.scrolled() ? READ_AHEAD : 0;
    return width > 0 && this.layout().height < top + height + ahead;
  });

  /** What stays where it is on the screen when images come, go or change their size. */
  private anchor: Anchor | null = null;
  private keptTop: number | null = null;
  private restored = false;

  constructor() {
    afterNextRender(() => this.viewport.watch(this.list().nativeElement));
    const waiting = setTimeout(() => this.settled.set(true), SETTLE_MILLISECONDS);
    inject(DestroyRef).onDestroy(() => clearTimeout(waiting));
    afterRenderEffect(() => this.keepPlace());
    afterRenderEffect(() => this.rememberPlace());
    afterRenderEffect(() => this.focusReturned());
    const place = this.memory.scrollTop;
    inject(Router)
      .events.pipe(
        filter((event) => event instanceof Scroll),
        take(1),
        takeUntilDestroyed(),
      )
      .subscribe(() => queueMicrotask(() => this.scrollTo(place))); // after the router's own, to the top
  }

  protected onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const index = this.ids().indexOf(this.memory.active() ?? '');
    if (event.key === 'Delete' && index >= 0) {
      event.preventDefault();
      this.delete(index);
      return;
    }
    const { first, end } = this.seen();
    const rows = (this.layout().tiles[end - 1]?.row ?? 0) - (this.layout().tiles[first]?.row ?? 0);
    const next = stepFrom(this.layout(), index, event.key, Math.max(1, rows - 1));
    if (next === null) return;
    event.preventDefault();
    this.focus(next);
  }

  protected onFocus(event: FocusEvent): void {
    this.memory.active.set(idAt(event.target));
    this.focused.set(true);
  }

  /** Fingers do not point: for them, the image's page has the buttons. */
  protected onPoint(event: PointerEvent): void {
    if (event.pointerType !== 'touch') this.pointed.set(idAt(event.target));
  }

  protected delete(index: number): void {
    const image = this.images()[index];
    if (!image || !this.caller.may('delete')) return;
    const inside = this.list().nativeElement.contains(document.activeElement);
    this.deletions.delete(image, () => inside && this.memory.focusOn.set(image.id));
    if (inside) this.soon(() => this.focus(Math.min(index, this.images().length - 1)));
  }

  /** Focuses an image that has come back, perhaps in another grid than the one that it had left. */
  private focusReturned(): void {
    const index = this.ids().indexOf(this.memory.focusOn() ?? '');
    if (index < 0) return;
    this.memory.focusOn.set(null);
    untracked(() => this.focus(index));
  }

  private focusImage(id: string): void {
    const index = untracked(this.ids).indexOf(id);
    if (index >= 0) this.focus(index);
  }

  private focus(index: number): void {
    const id = this.ids()[index];
    if (id === undefined) return;
    this.memory.active.set(id);
    this.focused.set(true);
    this.soon(() => {
      const tile = this.list().nativeElement.querySelector(`[data-id="${id}"]`);
      tile?.querySelector('a')?.focus({ preventScroll: true });
      tile?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    });
  }

  private soon(run: () => void): void {
    afterNextRender(run, { injector: this.injector });
  }

  /** Scrolls so that the anchor is where it was; on the first layout, to where one was before. */
  private keepPlace(): void {
    const [layout, ids] = [this.layout(), this.ids()];
    if (layout.height === 0) return;
    if (!this.restored) return this.restorePlace();
    const { top } = untracked(this.viewport.measures);
    const wanted = this.anchor && topFor(layout, ids, this.anchor);
    if (wanted === null) {
      this.anchor = anchorAt(layout, ids, top);
    } else if (Math.abs(wanted - top) >= 1) {
      window.scrollBy({ top: wanted - top, behavior: 'instant' });
      this.viewport.measure();
      this.keptTop = untracked(this.viewport.measures).top;
    }
  }

  private restorePlace(): void {
    this.restored = true;
    this.scrollTo(this.memory.scrollTop);
    const id = untracked(this.memory.active);
    if (untracked(this.arriving) && id !== null) this.focusImage(id);
  }

  private scrollTo(top: number | null): void {
    if (top !== null) window.scrollTo({ top, behavior: 'instant' });
    this.viewport.measure();
  }

  private rememberPlace(): void {
    const { top } = this.viewport.measures();
    if (!this.restored) return;
    this.memory.scrollTop = window.scrollY;
    if (window.scrollY > 0) this.scrolled.set(true);
    if (top === this.keptTop) return; // nobody scrolled: another anchor each time would drift
    this.keptTop = null;
    this.anchor = anchorAt(untracked(this.layout), untracked(this.ids), top);
  }
}

function idAt(target: EventTarget | null): string | null {
  const tile = target instanceof Element ? target.closest('[data-id]') : null;
  return tile?.getAttribute('data-id') ?? null;
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
