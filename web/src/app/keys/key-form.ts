// The form for a new key: a name, what it may do, and until when.
import { Component, computed, inject, input, output, signal } from '@angular/core';
import { Caller } from '../backend/caller';
import { type ApiKeyRequest, SCOPES, type Scope } from '../backend/models';
import { DEEDS, dayOf, endOf } from './wording';

const LONGEST_NAME = 100;
const DAY_MS = 86_400_000;

@Component({
  selector: 'tt-key-form',
  template: `
    <form class="key-form card card-body" (submit)="submit($event)">
      <h2 class="section-title">New key</h2>
      <label for="key-name">Name</label>
      <input
        id="key-name"
        class="form-control"
        autocomplete="off"
        required
        [maxLength]="longest"
        [value]="name()"
        (input)="name.set(valueOf($event))"
      />
      <fieldset>
        <legend>It may</legend>
        @for (scope of offered(); track scope) {
          <label>
            <input type="checkbox" [checked]="scopes().has(scope)" (change)="toggle(scope)" />
            <span
              >{{ deeds[scope] }} <span class="note">{{ scope }}</span></span
            >
          </label>
        }
      </fieldset>
      <label for="key-expires">Until, if it is to end by itself</label>
      <input
        id="key-expires"
        class="form-control"
        type="date"
        [min]="tomorrow"
        [value]="day()"
        (input)="day.set(valueOf($event))"
      />
      <button type="submit" class="btn btn-primary" [disabled]="busy() || scopes().size === 0">
        {{ busy() ? 'Making the key…' : 'Make a key' }}
      </button>
    </form>
  `,
})
export class KeyForm {
  private readonly caller = inject(Caller);

  readonly busy = input.required<boolean>();
  readonly requested = output<ApiKeyRequest>();

  protected readonly longest = LONGEST_NAME;
  protected readonly deeds = DEEDS;
  /** A key may not do more than who makes it. */
  protected readonly offered = computed(() => SCOPES.filter((one) => this.caller.may(one)));
  protected readonly tomorrow = dayOf(new Date(Date.now() + DAY_MS));
  protected readonly name = signal('');
  protected readonly scopes = signal<ReadonlySet<Scope>>(new Set<Scope>(['read', 'upload']));
  protected readonly day = signal('');

  /** Empties the form for another key. */
  clear(): void {
    this.name.set('');
    this.day.set('');
  }

  protected valueOf(event: Event): string {
    return (event.target as HTMLInputElement).value;
  }

  protected toggle(scope: Scope): void {
    this.scopes.update((all) => new Set(SCOPES.filter((one) => all.has(one) !== (one === scope))));
  }

  protected submit(event: Event): void {
    event.preventDefault();
    const scopes = this.offered().filter((one) => this.scopes().has(one));
    const [name, expiresAt] = [this.name().trim(), endOf(this.day())];
    if (name) this.requested.emit({ name, scopes, ...(expiresAt && { expiresAt }) });
  }
}
