import { type ComponentFixture, TestBed } from '@angular/core/testing';
import type { Focus } from '../backend/models';
import { sampleImage } from '../shared/sample-image';
import { Toasts } from '../shared/toasts';
import { type Stack, runningStack } from '../state/sample-stack';
import { FocusButtons } from './focus-buttons';

const POINT: Focus = { x: 0.25, y: 0.4 };
const FORMER: Focus = { x: 0.1, y: 0.1 };

describe('the buttons of the focal point', () => {
  let stack: Stack;
  let page: ComponentFixture<FocusButtons>;
  const sent: unknown[] = [];

  beforeEach(async () => {
    sent.length = 0;
    stack = await runningStack();
    stack.put(sampleImage());
    const answer = stack.fetch.bind(stack);
    vi.stubGlobal('fetch', (address: string, request?: RequestInit) => {
      if (request?.method === 'PATCH') sent.push(JSON.parse(request.body as string));
      return answer(address, request);
    });
    page = TestBed.createComponent(FocusButtons);
    page.componentRef.setInput('mayChange', true);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function show(focus: Focus | null, point: Focus | null, version = 3): void {
    page.componentRef.setInput('image', sampleImage({ focus, version }));
    page.componentRef.setInput('point', point);
    page.detectChanges();
  }

  const element = (): HTMLElement => page.nativeElement as HTMLElement;
  const names = (): string[] =>
    [...element().querySelectorAll('button')].map((one) => one.textContent.trim());

  async function press(name: string): Promise<void> {
    const all = [...element().querySelectorAll('button')];
    all.find((one) => one.textContent.trim() === name)?.click();
    await new Promise((resolve) => setTimeout(resolve));
    page.detectChanges();
  }

  const saves = (): HTMLButtonElement | null => element().querySelector('.btn-primary');

  it('have nothing to save where nothing was drawn', () => {
    show(null, null);
    expect(names()).toEqual(['Save focal point']);
    expect(saves()?.disabled).toBe(true);
    expect(element().textContent).toContain('None is saved');
  });

  it('save what was drawn, and wait for its renditions', async () => {
    show(null, POINT);
    await press('Save focal point');

    expect(sent).toEqual([{ focus: POINT }]);
    expect(stack.requests).toContain('pollSoon');
    expect(element().querySelector('[role=progressbar]')).not.toBeNull();
    expect(saves()?.disabled).toBe(true);

    show(POINT, POINT, 4);
    expect(element().querySelector('[role=progressbar]')).toBeNull();
    expect(element().textContent).toContain('25 % from the left, 40 % from the top');
    expect(names()).toEqual(['Save focal point', 'Undo', 'Remove']);
  });

  it('take it back to what was there before', async () => {
    show(FORMER, POINT);
    await press('Save focal point');
    show(POINT, POINT, 4);
    await press('Undo');

    expect(sent.at(-1)).toEqual({ focus: FORMER });
    expect(page.componentInstance.point()).toEqual(FORMER);
  });

  it('take it away', async () => {
    show(FORMER, FORMER);
    await press('Remove');
    expect(sent).toEqual([{ focus: null }]);
  });

  it('discard what was drawn', async () => {
    show(FORMER, POINT);
    await press('Discard');
    expect(page.componentInstance.point()).toEqual(FORMER);
    expect(sent).toEqual([]);
  });

  it('say why it was not saved, and save it on another try', async () => {
    stack.unanswered.add('PATCH /api/images/01M7');
    show(null, POINT);
    await press('Save focal point');

    expect(saves()?.disabled).toBe(false);
    const [toast] = TestBed.inject(Toasts).list();
    expect(toast?.text).toBe('Focal point not saved: the API cannot be reached');
  });

  it('do not wait for ever', async () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout');
    show(null, POINT);
    await press('Save focal point');
    const [giveUp] = timeouts.mock.calls.findLast(([, ms]) => ms === 60_000) ?? [];
    (giveUp as () => void)();
    page.detectChanges();

    expect(saves()?.disabled).toBe(false);
  });

  it('are for those who may change the image', () => {
    page.componentRef.setInput('mayChange', false);
    show(null, POINT);
    expect(names()).toEqual([]);
    expect(element().textContent).toContain('Only the address below uses it.');
  });
});
