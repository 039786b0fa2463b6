// Why an image failed, in plain words, and what to do about it.
import { Component, computed, input, output } from '@angular/core';
import type { Failure } from '../backend/models';
import { sentenceOf, titleOf } from '../shared/failures';
import { whatToDo } from '../state/reasons';

@Component({
  selector: 'tt-failure-card',
  template: `
    <h2>{{ title() }}</h2>
    <p>
      <bdi>{{ message() }}</bdi>
    </p>
    <p>{{ advice() }}</p>
    @if (failure().retryable && allowed()) {
      <button type="button" class="btn btn-primary" [disabled]="busy()" (click)="again.emit()">
        Process again
      </button>
    }
    <p class="note">
      Error code <code>{{ failure().code }}</code>
    </p>
  `,
  host: { class: 'failure alert alert-danger' },
})
export class FailureCard {
  readonly failure = input.required<Failure>();
  /** Whether who looks may have it processed again. */
  readonly allowed = input.required<boolean>();
  readonly busy = input.required<boolean>();
  readonly again = output();
  protected readonly title = computed(() => titleOf(this.failure()));
  protected readonly message = computed(() => sentenceOf(this.failure().message));
  protected readonly advice = computed(() =>
    whatToDo(this.failure().code, this.failure().retryable),
  );
}
