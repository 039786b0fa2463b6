// The last line of every page: whose work is in it.
import { Component } from '@angular/core';

@Component({
  selector: 'tt-colophon',
  host: { class: 'colophon', role: 'contentinfo' },
  template: `<a href="/licences.txt">Licences of the software in this page</a>`,
})
export class Colophon {}
