// The gallery: every image, newest first, with a search, a filter, and what to do where there is none.
import {
  Component,
  ElementRef,
  afterNextRender,
  computed,
  effect,
  inject,
  signal,
  untracked,
  viewChild,
} from '@angular/core';
import { Caller } from '../backend/caller';
import { Announcer } from '../shared/announcer';
import { Arrival } from '../shared/arrival';
import { filterImages } from '../state/catalogue';
import { Images } from '../state/images';
import { AudienceChoice } from '../upload/audience';
import { EmptyGallery } from './empty-gallery';
import { GalleryMemory, STATUSES, type Shown } from './gallery-memory';
import { Grid } from './grid';
import { type Counts, announcement, countLine } from './wording';

const ENOUGH_MATCHES = 40; // about a screen
const SEARCHED_AT_ONCE = 2000; // images, before one is asked whether to go on

type View = 'reading' | 'unreachable' | 'empty' | 'nothing' | 'images';

@Component({
  selector: 'tt-gallery',
  imports: [AudienceChoice, EmptyGallery, Grid],
  templateUrl: './gallery.component.html',
  host: { class: 'gallery' },
})
export class Gallery {
  private readonly images = inject(Images);
  private readonly announcer = inject(Announcer);
  private readonly grid = viewChild(Grid);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');
  protected readonly memory = inject(GalleryMemory);
  protected readonly listing = this.images.listing;
  protected readonly owner = this.images.owner;
  /** Whether images of other owners may be listed. */
  protected readonly seesAll = inject(Caller).seesAll;
  protected readonly filters: readonly { readonly shown: Shown; readonly word: string }[] = [
    { shown: 'all', word: 'All' },
    { shown: 'ready', word: 'Ready' },
    { shown: 'processing', word: 'Processing' },
    { shown: 'failed', word: 'Failed' },
  ];

  protected readonly arriving = inject(Arrival).fromAnotherPage();
  protected readonly filtered = computed(
    () => this.memory.name().trim() !== '' || this.memory.shown() !== 'all',
  );
  protected readonly matches = computed(() =>
    filterImages(this.images.list(), {
      name: this.memory.name(),
      statuses: STATUSES[this.memory.shown()],
    }),
  );
  protected readonly more = computed(() => {
    const listing = this.listing();
    return listing.state === 'failed' || (listing.state === 'read' && listing.more);
  });

  /** How many images a search may go through by itself. */
  private readonly allowance = signal(SEARCHED_AT_ONCE);
  protected readonly paused = computed(
    () => this.filtered() && this.more() && this.images.list().length >= this.allowance(),
  );
  private readonly wantsMore = computed(
    () =>
      this.more() &&
      !this.paused() &&
      ((this.grid()?.nearEnd() ?? this.images.list().length === 0) ||
        (this.filtered() && this.matches().length < ENOUGH_MATCHES)),
  );

  private readonly counts = computed<Counts>(() => ({
    shown: this.matches().length,
    read: this.images.list().length,
    more: this.more(),
    filtered: this.filtered(),
    searching: this.filtered() && this.wantsMore() && this.listing().state === 'read',
  }));
  protected readonly line = computed(() => countLine(this.counts()));
  /** A text of its own: said with all news, the same one would keep others from being said. */
  private readonly spoken = computed(() =>
    this.listing().state === 'read' ? announcement(this.counts()) : '',
  );
  protected readonly view = computed<View>(() => {
    if (this.matches().length > 0) return 'images';
    const { state } = this.listing();
    if (this.images.list().length > 0) return 'nothing';
    return state === 'reading' ? 'reading' : state === 'failed' ? 'unreachable' : 'empty';
  });

  constructor() {
    effect(() => this.readOn());
    effect(() => this.announcer.announce(this.spoken()));
    afterNextRender(() => this.focusHeading());
  }

  protected search(event: Event): void {
    this.memory.name.set((event.target as HTMLInputElement).value);
    this.allowance.set(SEARCHED_AT_ONCE);
    this.memory.scrollTop = null;
  }

  protected showOwner(event: Event): void {
    this.images.showOwner((event.target as HTMLInputElement).value.trim());
    this.allowance.set(SEARCHED_AT_ONCE);
    this.memory.scrollTop = null;
  }

  protected filter(shown: Shown): void {
    this.memory.shown.set(shown);
    this.allowance.set(SEARCHED_AT_ONCE);
  }

  protected clear(): void {
    this.memory.name.set('');
    this.memory.shown.set('all');
    this.heading().nativeElement.focus();
  }

  protected goOn(): void {
    this.allowance.update((images) => images + SEARCHED_AT_ONCE);
    void this.images.loadMore();
  }

  /** Reads older images while they are wanted; after a failure only when somebody asks. */
  private readOn(): void {
    if (this.listing().state === 'read' && this.wantsMore()) {
      untracked(() => void this.images.loadMore());
    }
  }

  private focusHeading(): void {
    const active = this.memory.active();
    const back = this.matches().some((one) => one.id === active);
    if (this.arriving && !back) this.heading().nativeElement.focus({ preventScroll: true });
  }
}
