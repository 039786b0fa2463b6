// What the gallery keeps while another page is shown: the way back leads to where one was.
import { Injectable, signal } from '@angular/core';
import type { Status } from '../backend/models';

export type Shown = 'all' | 'ready' | 'processing' | 'failed';

export const STATUSES: Readonly<Record<Shown, ReadonlySet<Status>>> = {
  all: new Set(),
  ready: new Set<Status>(['READY']),
  processing: new Set<Status>(['AWAITING_UPLOAD', 'PROCESSING']),
  failed: new Set<Status>(['FAILED']),
};

@Injectable({ providedIn: 'root' })
export class GalleryMemory {
  readonly name = signal('');
  readonly shown = signal<Shown>('all');
  /** The image that has, or last had, the keyboard's focus. */
  readonly active = signal<string | null>(null);
  /** An image that is to get the focus as soon as it is shown again. */
  readonly focusOn = signal<string | null>(null);
  /** How far the page was scrolled, in pixels; null before the first visit. */
  scrollTop: number | null = null;
  /** Pictures that have appeared once do so without fading in again. */
  readonly seen = new Set<string>();
}
