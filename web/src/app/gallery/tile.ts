// One image of the gallery: a picture that appears on its placeholder, or what becomes of it.
import {
  DOCUMENT,
  Component,
  DestroyRef,
  ElementRef,
  computed,
  effect,
  inject,
  input,
  linkedSignal,
  output,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { Caller } from '../backend/caller';
import type { Image } from '../backend/models';
import { CopyButton } from '../shared/copy-button';
import { plainName } from '../shared/names';
import { PrivateBadge } from '../shared/private-badge';
import { gateOf } from '../shared/private-picture';
import { paintOf, placeholderUrl } from '../shared/placeholders';
import { renditionAt } from '../shared/renditions';
import { Previews } from '../upload/previews';
import { GalleryMemory } from './gallery-memory';
import { type Size, print, printSize, wipe } from './print';
import { NOTES, WORDS, tileView } from './tile-view';

/**
 * By how much a small file may be enlarged before the large one is fetched. At 1, Chromium fetches
 * 1,600 pixels for a tile of 330 where 320 are at hand: ten times the bytes. At 1.75, the small file
 * does for panoramas on a plain screen, and for most tiles of a phone.
 */
const SOFTNESS = 1.75;
/** By how much a tile may have grown before its picture is drawn anew. */
const GROWTH = 1.25;

@Component({
  selector: 'li[ttTile]',
  imports: [CopyButton, PrivateBadge, RouterLink],
  templateUrl: './tile.component.html',
  host: {
    class: 'tile',
    '[attr.data-id]': 'image().id',
    '[class.tile-card]': "view().kind !== 'picture'",
  },
})
export class Tile {
  private readonly memory = inject(GalleryMemory);
  private readonly previews = inject(Previews);
  private readonly caller = inject(Caller);
  private readonly origin = inject(DOCUMENT).location.origin;

  readonly image = input.required<Image>();
  /** Of the tile, in CSS pixels. */
  readonly size = input.required<Size>();
  /** Whether moving pictures are to stand still. */
  readonly still = input.required<boolean>();
  /** Whether its picture is to be fetched. */
  readonly load = input.required<boolean>();
  readonly onScreen = input.required<boolean>();
  /** Whether the Tab key stops here. */
  readonly stop = input.required<boolean>();
  /** Whether its buttons exist: there are many tiles, and one that is pointed at. */
  readonly tools = input.required<boolean>();
  readonly deleted = output();

  protected readonly deletable = computed(() => this.caller.may('delete'));
  protected readonly notes = NOTES;
  protected readonly words = WORDS;
  protected readonly view = computed(() => tileView(this.image(), this.still()));
  protected readonly name = computed(() => plainName(this.image().filename));
  protected readonly link = computed(() => `${this.origin}/images/${this.image().id}`);
  protected readonly sizes = computed(() => `${Math.round(this.size().width / SOFTNESS)}px`);
  private readonly key = computed(() => `${this.image().id}/${this.image().revision ?? ''}`);

  /** A picture that is there stays, whatever is wanted later. */
  protected readonly fetched = linkedSignal<boolean, boolean>({
    source: this.load,
    computation: (load, before) => load || (before?.value ?? false),
  });
  protected readonly private = computed(() => this.image().visibility === 'private');
  private readonly gate = gateOf(this.private);
  protected readonly opened = computed(() => this.fetched() && this.gate.open());
  protected readonly appeared = signal(false);
  /** Whether the picture is shown by its own element: it moves, or no page may draw it. */
  protected readonly unprinted = signal(false);
  /** What was seen before, or is not seen yet, has no need to fade in. */
  protected readonly atOnce = signal(false);

  /** What lies under the picture, until something would be seen of it through a transparent one. */
  protected readonly covered = computed(() => this.appeared() && this.image().original.hasAlpha);
  protected readonly colour = computed(() =>
    this.covered() ? null : paintOf(this.image().dominantColour),
  );
  protected readonly backdrop = computed(() => {
    const url = this.covered() ? null : placeholderUrl(this.image().placeholder);
    return url && `url("${url}")`;
  });

  /** The local file's own picture, if it was uploaded here just now. */
  protected readonly preview = computed(() => this.previews.ofImage(this.image().id));

  private readonly picture = viewChild<ElementRef<HTMLImageElement>>('picture');
  private readonly canvas = viewChild<ElementRef<HTMLCanvasElement>>('print');
  private printing = new AbortController();

  constructor() {
    effect(() => {
      const size = this.size();
      untracked(() => this.follow(size));
    });
    inject(DestroyRef).onDestroy(() => {
      this.printing.abort();
      const canvas = this.canvas()?.nativeElement;
      if (canvas) wipe(canvas);
    });
  }

  protected async onLoad(): Promise<void> {
    this.printing.abort();
    this.printing = new AbortController();
    const { signal } = this.printing;
    const printed = await this.print(signal);
    if (signal.aborted) return;
    this.unprinted.set(!printed);
    this.atOnce.set(!this.onScreen() || this.memory.seen.has(this.key()));
    this.appeared.set(true);
    this.memory.seen.add(this.key());
  }

  protected onError(): void {
    if (this.private()) this.appeared.set(false);
    this.gate.onError();
  }

  private async print(signal: AbortSignal): Promise<boolean> {
    const [picture, canvas] = [this.picture()?.nativeElement, this.canvas()?.nativeElement];
    if (!picture || !canvas) return false;
    return print(picture.currentSrc, canvas, this.printSize(picture), signal);
  }

  private printSize(picture: HTMLImageElement): Size | undefined {
    // Not `naturalWidth`, which is of how large the file is to be shown where there are several.
    const file = renditionAt(this.image(), picture.currentSrc);
    return file && printSize(file, this.size(), devicePixelRatio);
  }

  /** Draws a picture anew whose tile has grown; a larger file comes as any other does. */
  private follow(size: Size): void {
    const [picture, canvas] = [this.picture()?.nativeElement, this.canvas()?.nativeElement];
    if (!this.appeared() || !picture?.complete || !canvas) return;
    const wanted = this.printSize(picture)?.width ?? 0;
    if (size.width > 0 && wanted > canvas.width * GROWTH) void this.onLoad();
  }
}
