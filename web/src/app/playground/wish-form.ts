// The form for what one asks of an address: a box and how the picture fits it, a format, and effects.
import { NgTemplateOutlet } from '@angular/common';
import { Component, computed, inject, model } from '@angular/core';
import { Configuration } from '../backend/config';
import {
  FITS,
  FLIPS,
  FORMATS,
  LARGEST_SIDE,
  SLIDERS,
  type Slider,
  TURNS,
  type Wishes,
  gravitiesFor,
} from './parameters';

type NumberField = 'width' | 'height' | 'quality';

@Component({
  selector: 'tt-wish-form',
  imports: [NgTemplateOutlet],
  templateUrl: './wish-form.component.html',
})
export class WishForm {
  readonly wishes = model.required<Wishes>();

  protected readonly fits = FITS;
  protected readonly formats = FORMATS;
  protected readonly flips = FLIPS;
  protected readonly turns = TURNS;
  protected readonly sliders = SLIDERS;
  protected readonly sides = [
    ['width', 'Width'],
    ['height', 'Height'],
  ] as const;
  protected readonly largest = LARGEST_SIDE;
  protected readonly white = 'ffffff';
  protected readonly widths = inject(Configuration).values.delivery?.widths ?? [];
  protected readonly boxed = computed(() => {
    const { width, height } = this.wishes();
    return width !== null && height !== null;
  });
  protected readonly fitNote = computed(() => {
    if (!this.boxed()) return 'With one side, the other follows from the picture’s shape.';
    const { fit } = this.wishes();
    return FITS.find(([one]) => one === fit)?.[2] ?? '';
  });
  protected readonly gravities = computed(() => gravitiesFor(this.wishes()));
  /** Where a box is padded, nothing but a place in it has a meaning. */
  protected readonly gravity = computed(() => {
    const { gravity } = this.wishes();
    return this.gravities().some(([one]) => one === gravity) ? gravity : 'centre';
  });

  protected numberOf(name: NumberField): number | null {
    return this.wishes()[name];
  }

  /** Takes the number of a field over; an empty field is none, and what is out of range changes nothing. */
  protected setNumber(name: NumberField, event: Event): void {
    const { valueAsNumber, validity } = event.target as HTMLInputElement;
    if (!validity.valid) return;
    const value = Number.isNaN(valueAsNumber) ? null : valueAsNumber;
    this.wishes.update((wishes) => ({ ...wishes, [name]: value }));
  }

  protected slide(name: Slider, event: Event): void {
    const value = (event.target as HTMLInputElement).valueAsNumber;
    this.wishes.update((wishes) => ({ ...wishes, [name]: value }));
  }

  protected fill(event: Event): void {
    const background = (event.target as HTMLInputElement).checked ? this.white : null;
    this.wishes.update((wishes) => ({ ...wishes, background }));
  }

  protected paint(event: Event): void {
    const background = (event.target as HTMLInputElement).value.slice(1);
    this.wishes.update((wishes) => ({ ...wishes, background }));
  }

  protected choose(name: 'fit' | 'gravity' | 'format' | 'flip' | 'turn', event: Event): void {
    const text = (event.target as HTMLSelectElement).value;
    const value = name === 'turn' ? Number(text) : text;
    this.wishes.update((wishes) => ({ ...wishes, [name]: value }));
  }
}
