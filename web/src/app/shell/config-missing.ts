// What is shown where config.json is missing: then there is no stack to talk to.
import { Component, inject } from '@angular/core';
import { Configuration } from '../backend/config';

@Component({
  selector: 'tt-config-missing',
  host: { class: 'notice' },
  template: `
    <h1>This page does not know its stack</h1>
    <p>
      It looks for <code>/config.json</code>, which the deployment writes beside it, and did not
      find it. Deploy again, or start the stack on this machine with <code>make up</code>.
    </p>
    <p class="notice-detail">
      <bdi>{{ reason() }}</bdi>
    </p>
    <button type="button" class="btn btn-primary" (click)="again()">Try again</button>
  `,
})
export class ConfigMissing {
  private readonly configuration = inject(Configuration);

  protected reason(): string {
    const now = this.configuration.state();
    return now.state === 'missing' ? now.reason : '';
  }

  protected again(): void {
    void this.configuration.load();
  }
}
