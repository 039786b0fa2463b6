// What a window shows that was opened only to sign in: the others go on by themselves.
import { Component, inject } from '@angular/core';
import { Router, RouterLink } from '@angular/router';

@Component({
  selector: 'tt-signed-in',
  imports: [RouterLink],
  host: { class: 'notice' },
  template: `
    <h1>You are signed in</h1>
    <p>Close this window to return to where you were; uploads there continue by themselves.</p>
    <a class="btn btn-primary" routerLink="/">Show all images</a>
  `,
})
export class SignedIn {
  constructor() {
    // Where one signs in unasked, nobody could sign out.
    void inject(Router).navigateByUrl('/signed-in', { replaceUrl: true });
  }
}
