import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { ToastOutlet } from './toast-outlet';
import { Toasts } from './toasts';

const LONG_MS = 60_000;

describe('a message', () => {
  let toasts: Toasts;
  let outlet: ComponentFixture<ToastOutlet>;
  const message = (): HTMLElement | null =>
    (outlet.nativeElement as HTMLElement).querySelector('.toast');

  beforeEach(() => {
    vi.useFakeTimers();
    toasts = TestBed.inject(Toasts);
    toasts.show({ text: 'Deleted' });
    outlet = TestBed.createComponent(ToastOutlet);
    outlet.detectChanges();
    document.body.append(outlet.nativeElement as HTMLElement);
  });

  afterEach(() => vi.useRealTimers());

  const point = (kind: string): void =>
    void message()?.dispatchEvent(new Event(kind, { bubbles: true }));
  const focus = (): void => message()?.querySelector<HTMLElement>('.btn-icon')?.focus();
  const blur = (): void => message()?.querySelector<HTMLElement>('.btn-icon')?.blur();

  it('goes by itself', () => {
    vi.advanceTimersByTime(LONG_MS);

    expect(toasts.list()).toEqual([]);
  });

  it('stays while the focus is in it, though the pointer leaves', () => {
    focus();
    point('pointerenter');
    point('pointerleave');
    vi.advanceTimersByTime(LONG_MS);
    expect(toasts.list()).toHaveLength(1);

    blur();
    vi.advanceTimersByTime(LONG_MS);
    expect(toasts.list()).toEqual([]);
  });

  it('stays while the pointer is over it, though the focus leaves', () => {
    point('pointerenter');
    focus();
    blur();
    vi.advanceTimersByTime(LONG_MS);
    expect(toasts.list()).toHaveLength(1);

    point('pointerleave');
    vi.advanceTimersByTime(LONG_MS);
    expect(toasts.list()).toEqual([]);
  });
});
