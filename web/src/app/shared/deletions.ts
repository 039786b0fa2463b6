// Deleting with undo: the image leaves the page at once, and the stack a few seconds later.
import { DOCUMENT, DestroyRef, Injectable, inject } from '@angular/core';
import { ApiProblem } from '../backend/api';
import type { Image } from '../backend/models';
import { Images } from '../state/images';
import { plainName } from './names';
import { Toasts } from './toasts';

const REFUSALS: ReadonlySet<number> = new Set([401, 403]);

@Injectable({ providedIn: 'root' })
export class Deletions {
  private readonly images = inject(Images);
  private readonly toasts = inject(Toasts);
  private readonly document = inject(DOCUMENT);
  /** The toast of each image that is to go, in the order of the deletions. */
  private readonly pending = new Map<string, number>();

  constructor() {
    const listening = new AbortController();
    const { signal } = listening;
    this.document.defaultView?.addEventListener('pagehide', () => this.sendAll(), { signal });
    this.document.addEventListener('keydown', (event) => this.onKey(event), { signal });
    inject(DestroyRef).onDestroy(() => listening.abort());
  }

  /** Takes an image away, and offers to bring it back; *undone* is called if somebody does. */
  delete(image: Pick<Image, 'id' | 'filename'>, undone?: () => void): void {
    if (this.pending.has(image.id)) return;
    this.images.hide(image.id);
    const toast = this.toasts.show({
      text: 'Deleted',
      name: image.filename,
      action: { label: 'Undo', shortcut: 'Control+Z', run: () => this.undo(image.id, undone) },
      expired: () => void this.send(image),
    });
    this.pending.set(image.id, toast);
  }

  private undo(id: string, undone?: () => void): void {
    this.pending.delete(id);
    this.images.unhide(id);
    undone?.();
  }

  private async send(image: Pick<Image, 'id' | 'filename'>): Promise<void> {
    this.pending.delete(image.id);
    try {
      await this.images.remove(image.id);
    } catch (error) {
      this.images.unhide(image.id);
      const refused = error instanceof ApiProblem && REFUSALS.has(error.status);
      const text = `Not deleted: ${refused ? error.detail : 'the service is not responding'}:`;
      this.toasts.show({ text, name: plainName(image.filename), tone: 'danger' });
    }
  }

  /** Deletes now what may still be undone: nobody is left to undo it, or to delete it later. */
  sendAll(): void {
    for (const toast of [...this.pending.values()]) this.toasts.close(toast);
  }

  private onKey(event: KeyboardEvent): void {
    const last = [...this.pending.values()].at(-1);
    const undo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === 'z';
    if (!undo || last === undefined || isTyping(event.target)) return;
    event.preventDefault();
    this.toasts.act(last);
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, [contenteditable]');
}
