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

/** What somebody is at a message with. */
export type Hold = 'pointer' | 'focus';

const SECONDS = 6;

@Injectable({ providedIn: 'root' })
export class Toasts {
  private readonly shown = signal<readonly Toast[]>([]);
  private readonly timers = new Map<number, ReturnType<typeof setTimeout>>();
  private readonly holds = new Map<number, Set<Hold>>();
  private last = 0;
  readonly list = this.shown.asReadonly();

  show(message: Message): number {
    const id = ++this.last;
    this.shown.update((all) => [...all, { ...message, id }]);
    this.run(id);
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
  hold(id: number, hold: Hold): void {
    this.holds.set(id, new Set(this.holds.get(id)).add(hold));
    this.stop(id);
  }

  /** Lets its time run again once nobody is at it in any way. */
  release(id: number, hold: Hold): void {
    const left = this.holds.get(id);
    if (left?.delete(hold) && left.size === 0) this.run(id);
  }

  private run(id: number): void {
    this.stop(id);
    this.timers.set(
      id,
      setTimeout(() => this.close(id), SECONDS * 1000),
    );
  }

  private stop(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  private take(id: number): Toast | undefined {
    this.stop(id);
    this.holds.delete(id);
    const toast = this.shown().find((one) => one.id === id);
    if (toast) this.shown.update((all) => all.filter((one) => one.id !== id));
    return toast;
  }
}
