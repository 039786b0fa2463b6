// How much of an element is on the screen, as signals: measured once a frame while one scrolls.
import { DOCUMENT, DestroyRef, Injectable, inject, signal } from '@angular/core';

interface Measures {
  /** Pixels from the element's top down to the screen's; below zero while the screen begins above. */
  readonly top: number;
  /** Of the screen. */
  readonly height: number;
  /** Of the element. */
  readonly width: number;
}

const UNMEASURED: Measures = { top: 0, height: 0, width: 0 };
const FLIGHT = 5; // pixels a millisecond: more than can be looked at
const LANDING_MILLISECONDS = 120;

@Injectable()
export class Viewport {
  private readonly window = inject(DOCUMENT).defaultView;
  private readonly destroyed = inject(DestroyRef);
  private readonly current = signal(UNMEASURED, { equal: sameMeasures });
  private readonly inFlight = signal(false);
  private element: HTMLElement | null = null;
  private frame = 0;
  private measuredAt = 0;
  private landing: ReturnType<typeof setTimeout> | undefined;

  readonly measures = this.current.asReadonly();
  /** Whether one rushes past, so that what is not there yet need not be fetched. */
  readonly flying = this.inFlight.asReadonly();

  /** Follows an element until the component goes. */
  watch(element: HTMLElement): void {
    const { window } = this;
    if (!window) return;
    this.element = element;
    const sizes = new ResizeObserver(() => this.soon());
    const listening = new AbortController();
    const options = { passive: true, signal: listening.signal };
    sizes.observe(element);
    window.addEventListener('scroll', () => this.soon(), options);
    window.addEventListener('resize', () => this.soon(), options);
    this.destroyed.onDestroy(() => {
      sizes.disconnect();
      listening.abort();
      clearTimeout(this.landing);
      window.cancelAnimationFrame(this.frame);
    });
    this.measure();
  }

  /** Measures now, for who has just scrolled. */
  measure(): void {
    this.frame = 0;
    const box = this.element?.getBoundingClientRect();
    if (!box || !this.window) return;
    const { width } = box;
    this.current.set({ top: -box.top, height: this.window.innerHeight, width });
  }

  private soon(): void {
    this.frame ||= this.window?.requestAnimationFrame((now) => this.follow(now)) ?? 0;
  }

  private follow(now: number): void {
    const before = this.current().top;
    this.measure();
    const speed = Math.abs(this.current().top - before) / Math.max(1, now - this.measuredAt);
    this.measuredAt = now;
    this.inFlight.set(speed > FLIGHT);
    clearTimeout(this.landing);
    if (speed > FLIGHT) {
      this.landing = setTimeout(() => this.inFlight.set(false), LANDING_MILLISECONDS);
    }
  }
}

function sameMeasures(a: Measures, b: Measures): boolean {
  return a.top === b.top && a.height === b.height && a.width === b.width;
}
