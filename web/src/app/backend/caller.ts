// Who uses the page, and what they may do, as the API says; everybody where the stack is open.
import { Injectable, computed, effect, inject, signal, untracked } from '@angular/core';
import { Api, ApiProblem } from './api';
import { Configuration } from './config';
import { backOff } from './live-state';
import { type Me, SCOPES, type Scope } from './models';
import { Session } from './session';

const EVERYBODY = 'public';

@Injectable({ providedIn: 'root' })
export class Caller {
  private readonly api = inject(Api);
  private readonly configuration = inject(Configuration);
  private readonly session = inject(Session);
  private readonly told = signal<Me | null>(null);
  private asking = false;

  /** Null until the API has said it. */
  readonly me = computed<Me | null>(() => {
    const found = this.configuration.state();
    if (found.state !== 'loaded' || found.config.accessMode !== 'open') return this.told();
    const { anyone } = found.config;
    const admin = anyone.includes('admin');
    return { owner: EVERYBODY, admin, scopes: admin ? SCOPES : anyone };
  });
  /** Whether images have owners, of whom this may see all. */
  readonly seesAll = computed(() => this.session.state().state !== 'open' && !!this.me()?.admin);

  constructor() {
    effect(() => {
      if (this.session.state().state === 'in') untracked(() => void this.ask());
    });
  }

  may(scope: Scope): boolean {
    return this.me()?.scopes.includes(scope) ?? false;
  }

  /** Asks once more, for what changes while one uses the page; without an answer, nothing is known anew. */
  async refresh(): Promise<void> {
    await this.api.me().then(
      (me) => this.told.set(me),
      () => undefined,
    );
  }

  /** Asks until there is an answer, for as long as the session lives. */
  private async ask(): Promise<void> {
    if (this.told() || this.asking) return;
    this.asking = true;
    for (let tries = 0; !this.told() && this.session.usable(); tries += 1) {
      try {
        this.told.set(await this.api.me());
      } catch (error) {
        if (error instanceof ApiProblem && error.code === 'not_signed_in') break;
        await new Promise((resolve) => setTimeout(resolve, backOff(tries)));
      }
    }
    this.asking = false;
  }
}
