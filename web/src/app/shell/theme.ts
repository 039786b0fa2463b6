// Light or dark: as the system has it, until somebody says otherwise; that is remembered.
import { DOCUMENT, Injectable, computed, effect, inject, signal } from '@angular/core';
import { store, stored } from '../shared/stored';

export type Mode = 'light' | 'dark';

const KEY = 'tintype.theme';
const PAPER: Readonly<Record<Mode, string>> = { light: '#f7f2ea', dark: '#161210' };

/** Returns the mode of what was chosen; what was kept may be anything. */
export function modeOf(kept: string | null): Mode | undefined {
  return kept === 'light' || kept === 'dark' ? kept : undefined;
}

export function otherThan(mode: Mode): Mode {
  return mode === 'dark' ? 'light' : 'dark';
}

@Injectable({ providedIn: 'root' })
export class Theme {
  private readonly document = inject(DOCUMENT);
  private readonly query = matchMedia('(prefers-color-scheme: dark)');
  private readonly system = signal<Mode>(this.query.matches ? 'dark' : 'light');
  private readonly chosen = signal(modeOf(stored(KEY)));
  readonly mode = computed(() => this.chosen() ?? this.system());

  constructor() {
    this.query.addEventListener('change', (event) =>
      this.system.set(event.matches ? 'dark' : 'light'),
    );
    effect(() => this.apply(this.mode()));
  }

  /** Changes the mode; choosing the system's own means following it again. */
  toggle(): void {
    const mode = otherThan(this.mode());
    this.chosen.set(mode === this.system() ? undefined : mode);
    store(KEY, this.chosen() ?? null);
  }

  private apply(mode: Mode): void {
    this.document.documentElement.dataset['bsTheme'] = mode;
    this.document.querySelector('meta[name=theme-color]')?.setAttribute('content', PAPER[mode]);
  }
}
