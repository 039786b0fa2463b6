// Which rendition is compared: one of all, each with its size and what it saves.
import { Component, input, model } from '@angular/core';
import type { Image, Rendition } from '../backend/models';
import { nameOf } from './comparison';
import { sizeText } from './savings';

@Component({
  selector: 'tt-rendition-picker',
  template: `
    <fieldset class="choices choices-tall">
      <legend class="visually-hidden">Compare with</legend>
      @for (one of image().renditions; track one.url) {
        <label class="choice">
          <input
            class="visually-hidden"
            type="radio"
            name="rendition"
            [checked]="one.url === chosen()?.url"
            (change)="chosen.set(one)"
          />
          <span>
            <span class="choice-name">{{ nameOf(one) }}</span>
            <span class="choice-note">{{ size(one) }}</span>
          </span>
        </label>
      }
    </fieldset>
  `,
})
export class RenditionPicker {
  readonly image = input.required<Image>();
  readonly chosen = model.required<Rendition | undefined>();

  protected readonly nameOf = nameOf;

  protected size(rendition: Rendition): string {
    return sizeText(this.image(), rendition);
  }
}
