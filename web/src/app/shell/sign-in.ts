// What is shown where nobody is signed in: one button, and what has happened, if anything has.
import {
  Component,
  ElementRef,
  afterNextRender,
  computed,
  inject,
  signal,
  viewChild,
} from '@angular/core';
import { Router } from '@angular/router';
import { Session } from '../backend/session';

/** Signs in without being asked to, for a window that was opened for that. */
export const SIGN_IN = '/sign-in';
const SIGNED_IN = '/signed-in';

@Component({
  selector: 'tt-sign-in',
  host: { class: 'notice' },
  template: `
    <h1 #heading tabindex="-1">Sign in</h1>
    @if (note(); as text) {
      <p role="status">
        <bdi>{{ text }}</bdi>
      </p>
    }
    <p>This gallery is private: you see your own images once you are signed in.</p>
    @if (again()) {
      <button type="button" class="btn btn-primary" (click)="goOn()">Try again</button>
    } @else {
      <button type="button" class="btn btn-primary" [disabled]="leaving()" (click)="signIn()">
        {{ leaving() ? 'Opening the sign-in page…' : 'Sign in' }}
      </button>
    }
  `,
})
export class SignIn {
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');
  private readonly out = computed(() => {
    const now = this.session.state();
    return now.state === 'out' ? now : null;
  });
  protected readonly note = computed(() => this.out()?.note ?? '');
  protected readonly again = computed(() => this.out()?.again ?? false);
  protected readonly leaving = signal(false);

  constructor() {
    if (location.pathname === SIGN_IN && !this.again()) void this.signIn();
    else if (this.note()) afterNextRender(() => this.heading().nativeElement.focus());
  }

  protected async signIn(): Promise<void> {
    this.leaving.set(true);
    const leaving = await this.session.signIn(backFrom(this.router.url));
    this.leaving.set(leaving);
  }

  protected goOn(): void {
    void this.session.beginAgain();
  }
}

/** Returns the page to come back to from one where somebody signs in. */
export function backFrom(url: string): string {
  if (url.startsWith(SIGN_IN)) return SIGNED_IN;
  return url.startsWith(SIGNED_IN) ? '/' : url;
}
