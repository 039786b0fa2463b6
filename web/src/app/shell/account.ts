// Who is signed in, and what that person can do about it: a button of the header with a small panel.
import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Caller } from '../backend/caller';
import { Session } from '../backend/session';
import { Deletions } from '../shared/deletions';
import { Quota } from './quota';

@Component({
  selector: 'tt-account',
  imports: [Quota, RouterLink],
  template: `
    @if (shown()) {
      <button type="button" class="btn account-button" popovertarget="account" [title]="name()">
        <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" aria-hidden="true">
          <circle cx="12" cy="8.5" r="3.5" />
          <path d="M5 20c.5-4 3-6 7-6s6.5 2 7 6" />
        </svg>
        <span class="visually-hidden">Account: </span>
        <bdi class="account-name text-truncate">{{ name() }}</bdi>
      </button>
      <div
        #panel
        class="account"
        id="account"
        popover
        role="group"
        aria-label="Account"
        (toggle)="onToggle($event)"
      >
        <p>
          Signed in as <bdi>{{ name() }}</bdi>{{ caller.seesAll() ? ', an administrator' : '' }}
        </p>
        <tt-quota />
        <a class="btn btn-outline-primary" routerLink="/keys" (click)="panel.hidePopover()">
          API keys
        </a>
        <button type="button" class="btn btn-outline-primary" (click)="signOut()">Sign out</button>
      </div>
    }
  `,
})
export class Account {
  private readonly session = inject(Session);
  private readonly deletions = inject(Deletions);
  protected readonly caller = inject(Caller);

  private readonly person = computed(() => {
    const now = this.session.state();
    return now.state === 'in' || now.state === 'expired' ? now.person : null;
  });
  protected readonly shown = computed(() => this.person() !== null);
  protected readonly name = computed(
    () => [this.person()?.name, this.caller.me()?.owner].find((one) => one) ?? 'you',
  );

  protected onToggle(event: Event): void {
    if ((event as ToggleEvent).newState !== 'closed') void this.caller.refresh();
  }

  protected signOut(): void {
    this.deletions.sendAll();
    void this.session.signOut();
  }
}
