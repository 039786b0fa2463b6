// A picture with a point on it that crops keep in view: to drag, to click or to move by keys, and what crops show.
import { Component, ElementRef, computed, input, model, signal, viewChild } from '@angular/core';
import type { Focus, Image } from '../backend/models';
import { plainName } from '../shared/names';
import { PrivatePicture } from '../shared/private-picture';
import { candidates, fillingOf, ratioOf } from '../shared/renditions';
import {
  CENTRE,
  type Frame,
  frameOf,
  objectPosition,
  placeText,
  pointAfter,
  pointAt,
  pointOf,
} from './focal';

const SHAPES = [
  ['Square', 1, '1:1'],
  ['Wide', 16 / 9, '16:9'],
  ['Portrait', 3 / 4, '3:4'],
  ['Banner', 3, '3:1'],
] as const;
const WIDEST = 640; // pixels of CSS

@Component({
  selector: 'tt-focal-point',
  imports: [PrivatePicture],
  templateUrl: './focal-point.component.html',
  host: { class: 'focal' },
})
export class FocalPoint {
  private readonly box = viewChild.required<ElementRef<HTMLElement>>('box');
  private readonly across = viewChild.required<ElementRef<HTMLElement>>('across');

  readonly image = input.required<Image>();
  /** Null is none: crops are around the centre. */
  readonly point = model.required<Focus | null>();
  /** The shape of the crop that is outlined, width by height; null outlines none. */
  readonly outline = input<number | null>(null);

  protected readonly name = computed(() => plainName(this.image().filename));
  protected readonly ratio = computed(() => ratioOf(this.image()));
  protected readonly picture = computed(
    () => fillingOf(candidates(this.image()), WIDEST * window.devicePixelRatio)?.url ?? '',
  );
  protected readonly shown = computed(() => this.point() ?? CENTRE);
  protected readonly axes = computed(() => [
    { from: 'left', value: this.shown().x, text: placeText(this.shown().x, 'left') } as const,
    { from: 'top', value: this.shown().y, text: placeText(this.shown().y, 'top') } as const,
  ]);
  protected readonly frame = computed<Frame | null>(() => {
    const outline = this.outline();
    return outline === null ? null : frameOf(this.shown(), this.ratio(), outline);
  });
  protected readonly crops = computed(() =>
    SHAPES.map(([title, shape, text]) => ({
      title,
      shape,
      text,
      position: objectPosition(frameOf(this.shown(), this.ratio(), shape)),
    })),
  );
  protected readonly dragging = signal(false);

  protected onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const point = pointAfter(event.key, event.shiftKey, this.shown());
    if (!point) return;
    event.preventDefault(); // or the slider that has the focus moves on its own axis alone
    this.point.set(point);
  }

  /** What Home, End, the page keys and screen readers do to a slider. */
  protected onSlide(event: Event, from: 'left' | 'top'): void {
    const value = (event.target as HTMLInputElement).valueAsNumber / 100;
    const { x, y } = this.shown();
    this.point.set(from === 'left' ? pointOf(value, y) : pointOf(x, value));
  }

  /** A mouse takes the point to where it is pressed; a finger drags it by its handle, or taps, or scrolls. */
  protected onPress(event: PointerEvent, handle: Element): void {
    const held = event.target instanceof Node && handle.contains(event.target);
    if (event.button !== 0 || !(held || event.pointerType === 'mouse')) return;
    event.preventDefault(); // or the picture itself is dragged
    this.box().nativeElement.setPointerCapture(event.pointerId);
    this.across().nativeElement.focus({ preventScroll: true });
    this.dragging.set(true);
    this.follow(event);
  }

  protected onMove(event: PointerEvent): void {
    if (this.dragging()) this.follow(event);
  }

  /** What has scrolled is cancelled, and does not come here. */
  protected onRelease(event: PointerEvent): void {
    this.dragging.set(false);
    if (event.button === 0) this.follow(event);
  }

  private follow(event: PointerEvent): void {
    this.point.set(pointAt(event, this.box().nativeElement.getBoundingClientRect()));
  }
}
