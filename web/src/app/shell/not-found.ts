// What is shown at an address that leads nowhere.
import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';

@Component({
  selector: 'tt-not-found',
  imports: [RouterLink],
  host: { class: 'notice' },
  template: `
    <h1>Page not found</h1>
    <p>Check the address; the link may be old.</p>
    <a class="btn btn-primary" routerLink="/">Show all images</a>
  `,
})
export class NotFound {}
