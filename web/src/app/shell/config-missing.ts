// What is shown where config.json is missing: then there is no stack to talk to.
import { Component, inject } from '@angular/core';
import { Configuration } from '../backend/config';

@Component({
  selector: 'tt-config-missing',
  host: { class: 'notice' },
  template: `
    <h1>This page has no configuration</h1>
    <p>
      It needs <code>/config.json</code>, which the deployment writes next to it, and could not load
      it. Deploy again, or start the stack on this machine with <code>make up</code>.
    </p>
    <p class="note">
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
