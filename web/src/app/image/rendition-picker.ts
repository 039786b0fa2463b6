// Which rendition is compared: one of all, each with its size and what it saves.
import { Component, input, model } from '@angular/core';
import type { Image, Rendition } from '../backend/models';
import { nameOf } from './comparison';
import { sizeText } from './savings';

@Component({
  selector: 'tt-rendition-picker',
  template: `
    <fieldset>
      <legend class="visually-hidden">Compare with</legend>
      <div class="renditions-choice btn-group">
        @for (one of image().renditions; track one.url) {
          <input
            class="btn-check"
            type="radio"
            name="rendition"
            [id]="'rendition-' + $index"
            [checked]="one.url === chosen()?.url"
            (change)="chosen.set(one)"
          />
          <label class="btn btn-outline-primary" [for]="'rendition-' + $index">
            {{ nameOf(one) }}
            <small>{{ size(one) }}</small>
          </label>
        }
      </div>
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
