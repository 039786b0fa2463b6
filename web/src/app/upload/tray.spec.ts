import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { example } from '../state/examples';
import { type Stack, runningStack } from '../state/sample-stack';
import { Tray } from './tray';
import { remember } from './unfinished';

const ROOMY = {
  matches: true,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};

describe('the tray', () => {
  let stack: Stack;
  let tray: ComponentFixture<Tray>;

  beforeEach(async () => {
    vi.stubGlobal('matchMedia', () => ROOMY);
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    stack = await runningStack();
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    sessionStorage.clear();
  });

  const element = (): HTMLElement => tray.nativeElement as HTMLElement;
  const stage = (): string | null | undefined =>
    element().querySelector('[data-stage]')?.getAttribute('data-stage');

  function button(name: string): HTMLButtonElement | undefined {
    const all = element().querySelectorAll('button');
    return [...all].find((one) => one.textContent.trim() === name);
  }

  it('has the focus when an upload in it is processed again', async () => {
    const failure = { code: 'processing_crashed', message: 'it broke off', retryable: true };
    stack.put(example({ id: '01A', version: 3, status: 'FAILED', failure }));
    const processing = { at: 'processing', imageId: '01A', above: 0 } as const;
    remember(sessionStorage, [{ key: 1, name: 'beach.jpg', size: 10, stage: processing }]);
    tray = TestBed.createComponent(Tray);
    tray.autoDetectChanges();
    await vi.waitFor(() => expect(stage()).toBe('failed'));
    const again = button('Try beach.jpg again');
    again?.focus();

    again?.click();
    await vi.waitFor(() => expect(stage()).toBe('processing'));

    expect(button('Try beach.jpg again')).toBeUndefined();
    expect(document.activeElement?.className).toBe('tray-toggle btn');
  });
});
