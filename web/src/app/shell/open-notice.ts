// What whoever opens the page of a stack without sign-in should know before anything is uploaded.
import { Component, computed, inject } from '@angular/core';
import { Configuration } from '../backend/config';

@Component({
  selector: 'tt-open-notice',
  template: `
    @if (shown()) {
      <p class="open-notice alert alert-warning">
        <strong>Open to everyone.</strong> Anyone who knows this address can see, upload and delete
        images{{ readable ? ', and download the originals' : '' }}.
      </p>
    }
  `,
})
export class OpenNotice {
  private readonly config = inject(Configuration).values;
  protected readonly readable = this.config.originalsReadable;
  protected readonly shown = computed(
    () => this.config.access !== '' && !isThisMachine(window.location.hostname),
  );
}

/** Whether a host is one that only this machine reaches. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(host);
}
