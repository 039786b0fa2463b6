// Who may see what is uploaded from here: as the deployment has it, until somebody chooses otherwise.
import { Component, Injectable, computed, inject, signal } from '@angular/core';
import { Caller } from '../backend/caller';
import { Configuration } from '../backend/config';
import type { Visibility } from '../backend/models';
import { store, stored } from '../shared/stored';

const KEY = 'tintype.visibility';

@Injectable({ providedIn: 'root' })
export class Audience {
  private readonly usual = inject(Configuration).values.visibility;
  private readonly caller = inject(Caller);
  private readonly open = inject(Configuration).values.accessMode === 'open';
  private readonly current = signal(visibilityOf(stored(KEY)) ?? this.usual);

  readonly chosen = this.current.asReadonly();
  /** Where everybody may come in, there is nothing to choose. */
  readonly choosable = computed(() => !this.open && this.caller.may('upload'));
  /** What is said of an upload; undefined where it cannot be chosen. */
  readonly requested = computed(() => (this.open ? undefined : this.chosen()));

  choose(visibility: Visibility): void {
    this.current.set(visibility);
    store(KEY, visibility === this.usual ? null : visibility);
  }
}

@Component({
  selector: 'tt-audience',
  template: `
    @if (audience.choosable()) {
      <label class="audience">
        <span class="muted">Who may see new pictures</span>
        <select class="form-control" (change)="choose($event)">
          @for (one of choices; track one.visibility) {
            <option [value]="one.visibility" [selected]="one.visibility === audience.chosen()">
              {{ one.words }}
            </option>
          }
        </select>
      </label>
    }
  `,
})
export class AudienceChoice {
  protected readonly audience = inject(Audience);
  protected readonly choices = [
    { visibility: 'public', words: 'Anyone with the address' },
    { visibility: 'private', words: 'Only me (and admins)' },
  ] as const;

  protected choose(event: Event): void {
    const chosen = visibilityOf((event.target as HTMLSelectElement).value);
    if (chosen) this.audience.choose(chosen);
  }
}

/** Returns the visibility that a text names; what was kept may be anything. */
function visibilityOf(text: string | null): Visibility | undefined {
  return text === 'public' || text === 'private' ? text : undefined;
}
