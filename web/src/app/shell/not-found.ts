// What is shown at an address that leads nowhere.
import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';

@Component({
  selector: 'tt-not-found',
  imports: [RouterLink],
  host: { class: 'notice' },
  template: `
    <h1>There is nothing here</h1>
    <p>The address leads nowhere. Perhaps a letter is missing, or the link is old.</p>
    <a class="btn btn-primary" routerLink="/">To all images</a>
  `,
})
export class NotFound {}
