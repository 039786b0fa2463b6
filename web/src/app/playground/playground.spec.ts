import { type ComponentFixture, TestBed } from '@angular/core/testing';
import type { Image } from '../backend/models';
import { RENDITIONS, sampleImage } from '../shared/sample-image';
import { type Stack, runningStack } from '../state/sample-stack';
import { Playground } from './playground';

const PAUSE_MS = 500;
const SIGNED = 'POST /api/images/01M7/address';

describe('the playground', () => {
  let stack: Stack;
  let page: ComponentFixture<Playground>;
  const made = vi.fn(() => `blob:${made.mock.calls.length}`);
  const revoked = vi.fn();

  beforeEach(async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    made.mockClear();
    revoked.mockClear();
    Object.assign(URL, { createObjectURL: made, revokeObjectURL: revoked });
    stack = await runningStack();
    stack.put(sampleImage());
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  async function settled(ms = PAUSE_MS): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
    await page.whenStable();
    await vi.advanceTimersByTimeAsync(0);
    page.detectChanges();
  }

  async function open(image: Image = sampleImage()): Promise<void> {
    stack.requests.length = 0;
    page = TestBed.createComponent(Playground);
    page.componentRef.setInput('image', image);
    page.componentRef.setInput('mayChange', true);
    page.detectChanges();
    await settled();
  }

  const element = (): HTMLElement => page.nativeElement as HTMLElement;
  const text = (): string => element().textContent.replace(/\s+/g, ' ');
  const result = (): string | null | undefined =>
    element().querySelector('.playground-result img')?.getAttribute('src');

  function field(label: string): HTMLInputElement {
    const labels = [...element().querySelectorAll('label')];
    const found = labels.find((one) => one.textContent.trim().startsWith(label));
    const control = found?.querySelector('input, select');
    if (!control) throw new Error(label);
    return control as HTMLInputElement;
  }

  async function fill(label: string, value: string, ms = PAUSE_MS): Promise<void> {
    const control = field(label);
    control.value = value;
    control.dispatchEvent(new Event(control instanceof HTMLInputElement ? 'input' : 'change'));
    page.detectChanges();
    await settled(ms);
  }

  it('begins with a width of the grid, by a plain address', async () => {
    await open();

    expect(stack.requests).toEqual(['GET /i/01M7/beach?w=640']);
    expect(result()).toBe('blob:1');
    expect(text()).toContain('Plain address');
    expect(text()).toContain('https://cdn.example/i/01M7/beach?w=640');
    expect(text()).toContain('from the CDN’s cache');
    expect(text()).toContain('7 bytes');
    expect(text()).toContain('3 MB');
  });

  it('has anything else signed', async () => {
    await open();
    await fill('Height', '360');
    await fill('Fit', 'crop');

    expect(stack.requests.slice(-2)).toEqual([
      SIGNED,
      'GET /i/01M7?w=640&h=360&fit=crop&s=signature',
    ]);
    expect(text()).toContain('Signed address');
    expect(text()).toContain('https://cdn.example/i/01M7?w=640&h=360&fit=crop&s=signature');
  });

  it('asks once for what is changed several times in a row', async () => {
    await open();
    stack.requests.length = 0;
    for (const quality of ['1', '12', '80']) await fill('Quality', quality, 50);
    expect(stack.requests).toEqual([]);

    await settled();

    expect(stack.requests).toEqual([SIGNED, 'GET /i/01M7?w=640&q=80&s=signature']);
  });

  it('keeps what was valid while a field is not', async () => {
    await open();
    stack.requests.length = 0;
    await fill('Width', '9000');
    expect(stack.requests).toEqual([]);

    await fill('Width', '');
    expect(stack.requests).toEqual([SIGNED, 'GET /i/01M7?s=signature']);
  });

  it('asks again once the image has another revision', async () => {
    await open();
    stack.requests.length = 0;
    page.componentRef.setInput('image', sampleImage({ version: 4 }));
    page.detectChanges();
    await settled();
    expect(stack.requests).toEqual([]);

    page.componentRef.setInput('image', sampleImage({ version: 5, revision: 'def' }));
    page.detectChanges();
    await settled();

    expect(stack.requests).toEqual(['GET /i/01M7/beach?w=640']);
  });

  it('says why there is no picture, and tries again', async () => {
    stack.delivered.push(new Response('', { status: 503 }));
    await open();
    expect(text()).toContain('The service is busy.');
    expect(text()).toContain('503');
    expect(result()).toBeUndefined();

    const all = [...element().querySelectorAll('button')];
    all.find((one) => one.textContent.trim() === 'Try again')?.click();
    await settled();

    expect(result()).toBe('blob:1');
    expect(text()).not.toContain('The service is busy.');
  });

  it('gives back what it has shown', async () => {
    await open();
    await fill('Width', '320');
    expect(revoked.mock.calls).toEqual([['blob:1']]);

    page.destroy();
    expect(revoked.mock.calls).toEqual([['blob:1'], ['blob:2']]);
  });

  it('shows a private image by the cookie, and gives away an address that ends', async () => {
    const url = `${location.origin}/p/ada/01M7/abc/thumb.webp`;
    const renditions = RENDITIONS.slice(1, 2).map((one) => ({ ...one, url }));
    await open(sampleImage({ visibility: 'private', renditions }));

    expect(stack.requests).toEqual([SIGNED, 'GET /p/ada/01M7/beach?w=640']);
    expect(text()).toContain('Signed address');
    expect(text()).toContain('s=signature');
  });

  it('uses a point that is drawn for the address alone until it is saved', async () => {
    await open(sampleImage({ focus: { x: 0.2, y: 0.2 } }));
    await fill('Height', '360');
    await fill('Fit', 'cover');
    expect(stack.requests.at(-1)).toBe('GET /i/01M7?w=640&h=360&fit=cover&s=signature');

    const slider = element().querySelector<HTMLInputElement>('[aria-label$="from the left"]');
    slider?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
    page.detectChanges();
    await settled();

    expect(stack.requests.at(-1)).toContain('fp-x=0.21&fp-y=0.2');
    expect(text()).toContain('Not saved yet');
    expect(stack.requests).not.toContain('PATCH /api/images/01M7');
  });
});
