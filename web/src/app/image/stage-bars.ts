// How long each stage of the processing took, as bars one after the other.
import { Component, computed, input } from '@angular/core';
import type { Timings } from '../backend/models';
import { formatMilliseconds } from '../state/formats';
import { stagesOf, totalOf } from './stages';

@Component({
  selector: 'tt-stage-bars',
  template: `
    <ol class="stages">
      @for (stage of stages(); track stage.word) {
        <li>
          <span class="muted">{{ stage.word }}</span>
          <span class="progress" aria-hidden="true">
            <span
              class="progress-bar"
              [style.margin-left.%]="stage.from"
              [style.width.%]="stage.length"
            ></span>
          </span>
          <span class="numbers">{{ time(stage.milliseconds) }}</span>
        </li>
      }
    </ol>
    <p class="note">{{ time(total()) }} from upload to finish</p>
  `,
})
export class StageBars {
  readonly timings = input.required<Timings>();
  protected readonly time = formatMilliseconds;
  protected readonly stages = computed(() => stagesOf(this.timings()));
  protected readonly total = computed(() => totalOf(this.stages()));
}
