// What whoever opens the page of a stack without sign-in should know before anything is uploaded.
import { Component, computed, inject } from '@angular/core';
import { Configuration } from '../backend/config';
import { SCOPES, type Scope } from '../backend/models';

const VERBS: Readonly<Partial<Record<Scope, string>>> = {
  read: 'see',
  upload: 'upload',
  delete: 'delete',
};

@Component({
  selector: 'tt-open-notice',
  template: `
    @if (shown()) {
      <p class="open-notice alert alert-warning">
        <strong>Open to everyone.</strong> Anyone who knows this address can {{ deeds }} images{{
          readable ? ', and download the originals' : ''
        }}.
      </p>
    }
  `,
})
export class OpenNotice {
  private readonly config = inject(Configuration).values;
  protected readonly readable = this.config.originalsReadable;
  protected readonly deeds = deedsOf(this.config.anyone);
  protected readonly shown = computed(
    () =>
      this.config.accessMode === 'open' &&
      this.config.access !== '' &&
      !isThisMachine(window.location.hostname),
  );
}

/** Returns what somebody with these scopes can do with images: see, upload and delete. */
function deedsOf(scopes: readonly Scope[]): string {
  const all = scopes.includes('admin') ? SCOPES : scopes;
  const verbs = all.flatMap((scope) => VERBS[scope] ?? []);
  return verbs.join(', ').replace(/, (\w+)$/, ' and $1');
}

/** Whether a host is one that only this machine reaches. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(host);
}
