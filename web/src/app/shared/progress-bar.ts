// How far something has come, or only that it goes on.
import { Component, input } from '@angular/core';

@Component({
  selector: 'tt-progress',
  host: {
    class: 'progress',
    role: 'progressbar',
    'aria-valuemin': '0',
    'aria-valuemax': '100',
    '[attr.aria-label]': 'label()',
    '[attr.aria-valuenow]': 'percent()',
  },
  template: `
    <div
      class="progress-bar"
      [class.progress-bar-striped]="percent() === null"
      [class.progress-bar-animated]="percent() === null"
      [style.width.%]="percent() ?? 100"
    ></div>
  `,
})
export class ProgressBar {
  readonly label = input.required<string>();
  /** Null where nobody knows. */
  readonly percent = input<number | null>(null);
}
