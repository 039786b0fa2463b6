// Any size of an image by its address: what one asks for, and what comes of it. It asks for nothing unless open.
import {
  Component,
  DestroyRef,
  computed,
  effect,
  inject,
  input,
  linkedSignal,
  signal,
  untracked,
} from '@angular/core';
import { Configuration } from '../backend/config';
import { Delivery } from '../backend/delivery';
import type { Focus, Image } from '../backend/models';
import { formatName } from '../image/comparison';
import { SnippetTabs } from '../image/snippet-tabs';
import { untilOf } from '../shared/addresses';
import { CopyButton } from '../shared/copy-button';
import { plainName } from '../shared/names';
import { clockText } from '../shared/times';
import { formatBytes, formatCount } from '../state/formats';
import { Images } from '../state/images';
import { FocalPoint } from './focal-point';
import { FocusButtons } from './focus-buttons';
import { isSame } from './focal';
import { type Trouble, timeText, troubleOf } from './outcomes';
import { STARTING_WISHES, type Wishes, crops, parametersOf } from './parameters';
import { type Shown, load } from './loading';
import { type Size, playgroundSnippets } from './snippets';
import { WishForm } from './wish-form';

const PAUSE_MS = 450; // after the last change, before a size is asked for: each one costs something

@Component({
  selector: 'tt-playground',
  imports: [CopyButton, FocalPoint, FocusButtons, SnippetTabs, WishForm],
  templateUrl: './playground.component.html',
  host: { class: 'playground' },
})
export class Playground {
  private readonly delivery = inject(Delivery);
  private readonly images = inject(Images);
  private readonly rules = inject(Configuration).values.delivery;

  readonly image = input.required<Image>();
  /** Whether one may save a focal point. */
  readonly mayChange = input.required<boolean>();

  private readonly saved = computed(() => this.image().focus, { equal: isSame });
  protected readonly wishes = signal<Wishes>(STARTING_WISHES);
  /** Where the point was drawn to: at first, where the image has it. */
  protected readonly point = linkedSignal<Focus | null, Focus | null>({
    source: this.saved,
    computation: (focus) => focus,
  });
  protected readonly outline = computed(() => {
    const { width, height, gravity } = this.wishes();
    const shown = crops(this.wishes()) && gravity === 'focus' && width && height;
    return shown ? width / height : null;
  });
  private readonly parameters = computed(() => {
    const point = isSame(this.point(), this.saved()) ? null : this.point();
    return parametersOf({ ...this.wishes(), point });
  });
  /** What a picture is of: another revision has other pixels at the same address. */
  private readonly subject = computed(() => {
    const { id, revision, visibility } = this.image();
    return JSON.stringify([id, revision, visibility, this.parameters()]);
  });

  protected readonly shown = signal<Shown | null>(null);
  protected readonly trouble = signal<Trouble | null>(null);
  protected readonly busy = signal(false);
  /** Of the picture that is shown, once the browser has decoded it. */
  protected readonly size = linkedSignal<Shown | null, Size | null>({
    source: this.shown,
    computation: () => null,
  });
  protected readonly name = computed(() => plainName(this.image().filename));
  protected readonly facts = computed(() => {
    const [shown, { original }] = [this.shown(), this.image()];
    if (!shown) return [];
    return [
      ['Size', sizeText(this.size()), sizeText(original)],
      ['Bytes', formatBytes(shown.blob.size), original.bytes ? formatBytes(original.bytes) : ''],
      ['Format', formatText(shown.blob.type), original.format ? formatName(original.format) : ''],
    ] as const;
  });
  protected readonly time = computed(() => {
    const shown = this.shown();
    return shown ? timeText(shown) : '';
  });
  protected readonly until = computed(() => {
    const until = untilOf(this.shown()?.address ?? '');
    return until ? clockText(until) : '';
  });
  protected readonly snippets = computed(() => {
    const shown = this.shown();
    return shown ? playgroundSnippets(this.image(), shown.address, this.size()) : [];
  });
  /** For who hears the page: that something came, and what. */
  protected readonly news = computed(() => {
    if (this.busy()) return 'Loading…';
    const size = sizeText(this.size());
    const bytes = formatBytes(this.shown()?.blob.size ?? 0);
    return size ? `${size}, ${bytes}, ${this.time()}` : '';
  });

  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = new AbortController();

  constructor() {
    inject(DestroyRef).onDestroy(() => this.stop());
    effect(() => {
      this.subject();
      untracked(() => this.loadSoon(this.shown() || this.trouble() ? PAUSE_MS : 0));
    });
  }

  /** Draws a point, which is what crops are then made around. */
  protected draw(point: Focus | null): void {
    this.point.set(point);
    this.wishes.update((wishes) => ({ ...wishes, gravity: 'focus' }));
  }

  protected loadSoon(ms: number): void {
    clearTimeout(this.timer);
    this.running.abort();
    this.busy.set(true);
    this.timer = setTimeout(() => void this.load(), ms);
  }

  protected decoded(event: Event): void {
    const { naturalWidth, naturalHeight } = event.target as HTMLImageElement;
    this.size.set({ width: naturalWidth, height: naturalHeight });
  }

  private async load(): Promise<void> {
    const running = (this.running = new AbortController());
    const { images, delivery, rules } = this;
    try {
      const request = { image: this.image(), parameters: this.parameters(), rules };
      const shown = await load(request, images, delivery, running.signal);
      if (running.signal.aborted) URL.revokeObjectURL(shown.picture);
      else this.show(shown, null);
    } catch (error) {
      if (!running.signal.aborted) this.show(null, troubleOf(error));
    }
  }

  private show(shown: Shown | null, trouble: Trouble | null): void {
    this.forget();
    this.shown.set(shown);
    this.trouble.set(trouble);
    this.busy.set(false);
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.running.abort();
    this.forget();
  }

  private forget(): void {
    const shown = this.shown();
    if (shown) URL.revokeObjectURL(shown.picture);
  }
}

function sizeText(size: Pick<Image['original'], 'width' | 'height'> | null): string {
  const { width, height } = size ?? {};
  return width && height ? `${formatCount(width)} × ${formatCount(height)}` : '';
}

function formatText(type: string): string {
  return formatName(type.replace(/^image\//, ''));
}
