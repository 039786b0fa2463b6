// One image of the gallery: a picture that appears on its placeholder, or what becomes of it.
import {
  DOCUMENT,
  Component,
  computed,
  inject,
  input,
  linkedSignal,
  output,
  signal,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Image } from '../backend/models';
import { CopyButton } from '../shared/copy-button';
import { plainName } from '../shared/names';
import { paintOf, placeholderUrl } from '../shared/placeholders';
import { Previews } from '../upload/previews';
import { GalleryMemory } from './gallery-memory';
import { NOTES, WORDS, tileView } from './tile-view';

/**
 * By how much a small file may be enlarged before the large one is fetched. At 1, Chromium on a
 * plain screen fetches 1,600 pixels for a tile of 330 where 320 are at hand: 7 MB of memory instead
 * of 0.3. On a dense screen it weighs the two itself.
 */
const SOFTNESS = 1.5;
const DENSE = 1.5;

@Component({
  selector: 'li[ttTile]',
  imports: [CopyButton, RouterLink],
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
  private readonly origin = inject(DOCUMENT).location.origin;

  readonly image = input.required<Image>();
  readonly width = input.required<number>();
  /** Whether moving pictures are to stand still. */
  readonly still = input.required<boolean>();
  /** Whether one looks, and does not rush past. */
  readonly calm = input.required<boolean>();
  readonly onScreen = input.required<boolean>();
  /** Whether the Tab key stops here. */
  readonly stop = input.required<boolean>();
  /** Whether its buttons exist: there are many tiles, and one that is pointed at. */
  readonly tools = input.required<boolean>();
  readonly deleted = output();

  protected readonly notes = NOTES;
  protected readonly words = WORDS;
  protected readonly view = computed(() => tileView(this.image(), this.still()));
  protected readonly name = computed(() => plainName(this.image().filename));
  protected readonly link = computed(() => `${this.origin}/images/${this.image().id}`);
  private readonly softness = window.devicePixelRatio < DENSE ? SOFTNESS : 1;
  protected readonly sizes = computed(() => `${Math.round(this.width() / this.softness)}px`);
  private readonly key = computed(() => `${this.image().id}/${this.image().revision ?? ''}`);

  /** Pictures that one rushes past are not fetched; one that is there stays. */
  protected readonly fetched = linkedSignal<boolean, boolean>({
    source: this.calm,
    computation: (calm, before) => calm || (before?.value ?? false),
  });
  protected readonly appeared = signal(false);
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

  protected onLoad(): void {
    this.atOnce.set(!this.onScreen() || this.memory.seen.has(this.key()));
    this.appeared.set(true);
    this.memory.seen.add(this.key());
  }
}
