// The page of a person's API keys: they are made, shown once, and revoked here.
import {
  Component,
  ElementRef,
  Injector,
  afterNextRender,
  inject,
  signal,
  viewChild,
} from '@angular/core';
import { Api, reasonOf } from '../backend/api';
import type { ApiKey, ApiKeyRequest, NewApiKey } from '../backend/models';
import { Announcer } from '../shared/announcer';
import { Arrival } from '../shared/arrival';
import { CopyButton } from '../shared/copy-button';
import { KeyForm } from './key-form';
import { expiryOf, useOf } from './wording';

@Component({
  selector: 'tt-keys-page',
  imports: [CopyButton, KeyForm],
  templateUrl: './keys-page.component.html',
  host: { class: 'keys-page' },
})
export class KeysPage {
  private readonly api = inject(Api);
  private readonly announcer = inject(Announcer);
  private readonly injector = inject(Injector);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');
  private readonly madeTitle = viewChild<ElementRef<HTMLElement>>('madeTitle');
  private readonly confirm = viewChild<ElementRef<HTMLElement>>('confirm');
  private readonly form = viewChild.required(KeyForm);

  /** Null until they are read. */
  protected readonly keys = signal<readonly ApiKey[] | null>(null);
  protected readonly made = signal<NewApiKey | null>(null);
  protected readonly trouble = signal('');
  protected readonly busy = signal(false);
  /** The key that is about to be revoked, if somebody confirms it. */
  protected readonly confirming = signal<string | null>(null);
  protected readonly useOf = useOf;
  protected readonly expiryOf = expiryOf;
  protected readonly now = new Date();

  constructor() {
    void this.read();
    if (inject(Arrival).fromAnotherPage()) this.focus(this.heading);
  }

  protected async read(): Promise<void> {
    await this.attempt('The keys could not be read', async () => {
      this.keys.set(await this.api.keys());
    });
  }

  protected async make(request: ApiKeyRequest): Promise<void> {
    await this.attempt('The key was not made', async () => {
      const made = await this.api.makeKey(request);
      this.made.set(made);
      this.keys.update((all) => [made, ...(all ?? [])]);
      this.form().clear();
      this.focus(this.madeTitle);
    });
  }

  /** Takes the secret off the page. */
  protected forget(): void {
    this.made.set(null);
    this.focus(this.heading);
  }

  protected askFirst({ id }: ApiKey): void {
    this.confirming.set(id);
    this.focus(this.confirm);
  }

  protected spare(): void {
    this.confirming.set(null);
    this.focus(this.heading);
  }

  protected async revoke({ id, name }: ApiKey): Promise<void> {
    await this.attempt('The key was not revoked', async () => {
      await this.api.revokeKey(id);
      this.keys.update((all) => all?.filter((one) => one.id !== id) ?? null);
      if (this.made()?.id === id) this.made.set(null);
      this.announcer.announce(`${name} was revoked`);
      this.focus(this.heading);
    });
    this.confirming.set(null);
  }

  private async attempt(failure: string, act: () => Promise<void>): Promise<void> {
    this.trouble.set('');
    this.busy.set(true);
    try {
      await act();
    } catch (error) {
      this.trouble.set(`${failure}: ${reasonOf(error)}.`);
    }
    this.busy.set(false);
  }

  /** Focuses what the next rendering shows. */
  private focus(element: () => ElementRef<HTMLElement> | undefined): void {
    afterNextRender(() => element()?.nativeElement.focus(), { injector: this.injector });
  }
}
