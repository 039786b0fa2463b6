// Says that the session has ended, and opens a window to sign in: leaving this one would lose its uploads.
import { Component, inject } from '@angular/core';
import { Session } from '../backend/session';

@Component({
  selector: 'tt-session-notice',
  template: `
    <div role="status">
      @if (session.state().state === 'expired') {
        <p class="session-notice alert alert-warning">
          <strong>Your session has ended.</strong> Uploads wait until you
          <a class="alert-link" href="/sign-in" target="_blank">sign in in a new window</a>.
        </p>
      }
    </div>
  `,
})
export class SessionNotice {
  protected readonly session = inject(Session);
}
