// Why an image failed, in plain words, and what to do about it.
import { Component, computed, input, output } from '@angular/core';
import type { Failure } from '../backend/models';
import { sentenceOf, titleOf } from '../shared/failures';
import { whatToDo } from '../state/reasons';

@Component({
  selector: 'tt-failure-card',
  template: `
    <h2 class="failure-title">{{ title() }}</h2>
    <p class="failure-message">
      <bdi>{{ message() }}</bdi>
    </p>
    <p class="failure-advice">{{ advice() }}</p>
    @if (failure().retryable) {
      <button type="button" class="btn btn-primary" [disabled]="busy()" (click)="again.emit()">
        Develop it again
      </button>
    }
    <p class="failure-code">
      Code <code>{{ failure().code }}</code>
    </p>
  `,
  host: { class: 'failure' },
})
export class FailureCard {
  readonly failure = input.required<Failure>();
  readonly busy = input.required<boolean>();
  readonly again = output();
  protected readonly title = computed(() => titleOf(this.failure()));
  protected readonly message = computed(() => sentenceOf(this.failure().message));
  protected readonly advice = computed(() =>
    whatToDo(this.failure().code, this.failure().retryable),
  );
}
