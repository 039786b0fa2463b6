// The original against a rendition: a slider between both, or side by side where one is cut.
import {
  Component,
  ElementRef,
  computed,
  input,
  linkedSignal,
  output,
  signal,
  viewChild,
} from '@angular/core';
import type { Image } from '../backend/models';
import { plainName } from '../shared/names';
import { placeholderUrl } from '../shared/placeholders';
import { PrivatePicture } from '../shared/private-picture';
import { ratioOf } from '../shared/renditions';
import { type Comparison, nameOf } from './comparison';
import { type Fetching, labelOf, positionAfter, positionAt, positionText } from './slider';

const SMALLEST_BOX = 360; // pixels

@Component({
  selector: 'tt-compare',
  imports: [PrivatePicture],
  templateUrl: './compare.component.html',
})
export class Compare {
  private readonly box = viewChild<ElementRef<HTMLElement>>('box');
  private readonly handle = viewChild<ElementRef<HTMLElement>>('handle');

  readonly image = input.required<Image>();
  readonly comparison = input.required<Comparison>();
  /** The browser cannot show the original, or has no right to it any more. */
  readonly originalFailed = output();
  /** Somebody wants the original to be fetched once more. */
  readonly again = output();

  protected readonly nameOf = nameOf;
  protected readonly labelOf = labelOf;
  protected readonly position = signal(50);
  protected readonly dragging = signal(false);
  /** Whether somebody reached for the slider: an original is many times as large as what is seen. */
  protected readonly requested = linkedSignal<string, boolean>({
    source: () => this.image().id,
    computation: () => false,
  });
  /** The original that is there, by its link. */
  protected readonly arrived = signal<string | null>(null);
  protected readonly fetching = computed<Fetching>(() => {
    const comparison = this.comparison();
    if (!this.requested() || comparison.kind !== 'slider') return 'idle';
    const { left } = comparison;
    return left && left === this.arrived() ? 'shown' : 'fetching';
  });

  protected readonly name = computed(() => plainName(this.image().filename));
  protected readonly ratio = computed(() => ratioOf(this.image()));
  /** A small picture is not blown up to a screen's width. */
  protected readonly maxWidth = computed(() =>
    Math.max(SMALLEST_BOX, this.image().original.width ?? 0),
  );
  protected readonly backdrop = computed(() => {
    if (this.image().original.hasAlpha) return null;
    const url = placeholderUrl(this.image().placeholder);
    return url && `url("${url}")`;
  });
  protected readonly valueText = computed(() => {
    const comparison = this.comparison();
    if (comparison.kind !== 'slider') return '';
    const { rendition, leftName } = comparison;
    return positionText(this.position(), nameOf(rendition), this.fetching(), leftName);
  });

  protected onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const position = positionAfter(event.key, this.position());
    if (position === null) return;
    event.preventDefault();
    this.requested.set(true);
    this.position.set(position);
  }

  protected onPress(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault(); // or the picture itself is dragged
    this.box()?.nativeElement.setPointerCapture(event.pointerId);
    this.handle()?.nativeElement.focus({ preventScroll: true });
    this.requested.set(true);
    this.dragging.set(true);
    this.follow(event);
  }

  protected onMove(event: PointerEvent): void {
    if (this.dragging()) this.follow(event);
  }

  private follow(event: PointerEvent): void {
    const box = this.box()?.nativeElement.getBoundingClientRect();
    if (box) this.position.set(positionAt(event.clientX, box));
  }
}
