// What is known of the original: camera, file and colours.
import { Component, computed, input } from '@angular/core';
import type { Image } from '../backend/models';
import { CopyButton } from '../shared/copy-button';
import { paintOf } from '../shared/placeholders';
import { factsOf } from './facts';

@Component({
  selector: 'tt-image-facts',
  imports: [CopyButton],
  template: `
    <dl class="facts">
      @for (fact of facts(); track fact.term) {
        <dt>{{ fact.term }}</dt>
        <dd>
          <bdi>{{ fact.text }}</bdi>
          @if (fact.whole; as whole) {
            <tt-copy [text]="whole" [label]="'Copy ' + fact.term" />
          }
        </dd>
      }
      @if (colour(); as paint) {
        <dt>Main colour</dt>
        <dd>
          <span class="swatch" aria-hidden="true" [style.background-color]="paint"></span>
          {{ paint }}
        </dd>
      }
    </dl>
  `,
})
export class ImageFacts {
  readonly image = input.required<Image>();
  protected readonly facts = computed(() => factsOf(this.image()));
  protected readonly colour = computed(() => paintOf(this.image().dominantColour));
}
