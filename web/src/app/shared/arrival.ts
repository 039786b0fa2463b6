// What a page does when one comes to it: its title, and the keyboard's focus.
import { Injectable, inject } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { plainName } from './names';

@Injectable({ providedIn: 'root' })
export class Arrival {
  private readonly title = inject(Title);
  private first = true;

  /** Says, once a page, whether one came to it from another: on the first, the browser does the rest. */
  fromAnotherPage(): boolean {
    const first = this.first;
    this.first = false;
    return !first;
  }

  entitle(page: string): void {
    this.title.setTitle(`${plainName(page)} · Tintype`);
  }
}
