// Short messages at the page's edge, each for a few seconds, some with something to do about it.
import { Injectable, signal } from '@angular/core';

export interface ToastAction {
  readonly label: string;
  readonly shortcut?: string;
  readonly run: () => void;
}

export interface Message {
  readonly text: string;
  /** A file name, shown after the text as somebody else's words. */
  readonly name?: string;
  readonly tone?: 'plain' | 'danger';
  readonly action?: ToastAction;
  /** Called when it goes without its action having been taken. */
  readonly expired?: () => void;
}

export interface Toast extends Message {
  readonly id: number;
}

const SECONDS = 6;

@Injectable({ providedIn: 'root' })
export class Toasts {
  private readonly shown = signal<readonly Toast[]>([]);
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();
  private last = 0;
  readonly list = this.shown.asReadonly();

  show(message: Message): number {
    const id = ++this.last;
    this.shown.update((all) => [...all, { ...message, id }]);
    this.resume(id);
    return id;
  }

  /** Takes a toast's action, and the toast away. */
  act(id: number): void {
    const toast = this.take(id);
    toast?.action?.run();
  }

  /** Takes a toast away as if its time were over. */
  close(id: number): void {
    this.take(id)?.expired?.();
  }

  /** Keeps a toast while somebody is at it. */
  pause(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  resume(id: number): void {
    this.pause(id);
    this.timers.set(
      id,
      setTimeout(() => this.close(id), SECONDS * 1000),
    );
  }

  private take(id: number): Toast | undefined {
    this.pause(id);
    const toast = this.shown().find((one) => one.id === id);
    if (toast) this.shown.update((all) => all.filter((one) => one.id !== id));
    return toast;
  }
}
