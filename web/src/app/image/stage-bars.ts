// How long each stage of the development took, as bars one after the other.
import { Component, computed, input } from '@angular/core';
import type { Timings } from '../backend/models';
import { formatMilliseconds } from '../state/formats';
import { stagesOf, totalOf } from './stages';

@Component({
  selector: 'tt-stage-bars',
  template: `
    <ol class="stages">
      @for (stage of stages(); track stage.word) {
        <li class="stage">
          <span class="stage-word">{{ stage.word }}</span>
          <span class="stage-track" aria-hidden="true">
            <span
              class="stage-bar"
              [style.left.%]="stage.from"
              [style.width.%]="stage.length"
            ></span>
          </span>
          <span class="stage-time">{{ time(stage.milliseconds) }}</span>
        </li>
      }
    </ol>
    <p class="stages-total">{{ time(total()) }} from upload to finish</p>
  `,
})
export class StageBars {
  readonly timings = input.required<Timings>();
  protected readonly time = formatMilliseconds;
  protected readonly stages = computed(() => stagesOf(this.timings()));
  protected readonly total = computed(() => totalOf(this.stages()));
}
