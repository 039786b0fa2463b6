import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import type { ImageDocument } from '../backend/models';
import { sampleImage } from '../shared/sample-image';
import { Toasts } from '../shared/toasts';
import { clockText } from '../shared/times';
import { Images } from '../state/images';
import { type Stack, signedInStack } from '../state/sample-stack';
import { ImagePage } from './image-page';

const MINUTE = 60_000;

/** What the API says of a private image whose addresses are signed for so long. */
function privateImage(minutes: number, version = 3): ImageDocument {
  const until = Math.round((Date.now() + minutes * MINUTE) / 1000);
  const { renditions, ...image } = sampleImage({ id: '01A', version, visibility: 'private' });
  const signed = renditions.map((one) => ({
    ...one,
    url: `https://cdn.example/p/ada/01A/abc/${one.preset}.${one.format}?e=${until}&s=signature`,
  }));
  return { ...image, renditions: signed };
}

describe('the page of a private image', () => {
  let stack: Stack;
  let page: ComponentFixture<ImagePage>;

  beforeEach(async () => {
    // Not the real clock: between two looks at it, a minute may end.
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-21T10:00:00Z') });
    HTMLDialogElement.prototype.showModal = vi.fn();
    HTMLFormElement.prototype.requestSubmit = vi.fn();
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    stack = await signedInStack();
  });

  afterEach(() => {
    localStorage.clear();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  async function answered(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await new Promise((resolve) => setTimeout(resolve));
      await page.whenStable();
    }
  }

  async function show(image: ImageDocument): Promise<void> {
    stack.putDocument(image);
    TestBed.inject(Images).start(() => Promise.resolve());
    page = TestBed.createComponent(ImagePage);
    page.componentRef.setInput('id', image.id);
    await vi.waitUntil(() => stack.reader);
    await answered();
  }

  const text = (): string =>
    (page.nativeElement as HTMLElement).textContent.replace(/\s+/g, ' ').trim();

  function button(label: string): HTMLButtonElement | undefined {
    const all = (page.nativeElement as HTMLElement).querySelectorAll('button');
    return [...all].find((one) => one.textContent.replace(/\s+/g, ' ').trim().startsWith(label));
  }

  async function press(label: string): Promise<void> {
    button(label)?.click();
    await answered();
  }

  async function confirm(): Promise<void> {
    const all = (page.nativeElement as HTMLElement).querySelectorAll('dialog button');
    (all[all.length - 1] as HTMLButtonElement).click();
    await answered();
  }

  it('says so, and gives an address away only with its end', async () => {
    const image = privateImage(90);
    await show(image);

    expect((page.nativeElement as HTMLElement).querySelector('tt-private')).not.toBeNull();
    expect(text()).toContain('To use the image on a web page, make it public');
    expect(text()).not.toContain('<picture>');
    const copied = vi.fn<(text: string) => Promise<void>>(() => Promise.resolve());
    vi.stubGlobal('navigator', { clipboard: { writeText: copied } });
    const until = clockText(Date.now() + 90 * MINUTE);
    expect(text()).toContain(`Copied URLs are valid until ${until}.`);
    expect(button(`Copy URLCopy URL of thumb WebP, valid until ${until}`)).toBeDefined();
    await press(`Copy address (valid until ${until})`);
    const address = new URL(copied.mock.lastCall?.[0] ?? '');
    expect(address.origin).toBe('https://cdn.example');
    expect(address.searchParams.get('s')).toBe('signature');
  });

  it('shows its pictures from this page’s own address, which the cookie opens', async () => {
    await show(privateImage(90));

    const pictures = [...(page.nativeElement as HTMLElement).querySelectorAll('img')];
    expect(pictures.map((one) => new URL(one.src).href)).toContain(
      `${location.origin}/p/ada/01A/abc/display.avif`,
    );
    expect(pictures.map((one) => one.src).filter((one) => one.includes('signature'))).toEqual([]);
  });

  it('reads a newer address before the one that it offers ends', async () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout');
    await show(privateImage(90));
    const [refresh] =
      timeouts.mock.calls.findLast(([, ms]) => Math.round((ms ?? 0) / MINUTE) === 60) ?? [];
    stack.putDocument(privateImage(150));

    (refresh as () => void)();
    await answered();

    expect(text()).toContain(`valid until ${clockText(Date.now() + 150 * MINUTE)}`);
  });

  it('reads an address that live news of it did not have', async () => {
    await show(privateImage(90));
    stack.putDocument(privateImage(100, 4));

    stack.changes.next(sampleImage({ id: '01A', version: 4, visibility: 'private' }));
    await answered();

    expect(text()).toContain(`valid until ${clockText(Date.now() + 100 * MINUTE)}`);
  });

  it('becomes public only once somebody has confirmed it', async () => {
    await show(privateImage(90));
    await press('Make public…');
    expect(stack.requests).not.toContain('PATCH /api/images/01A');

    await press('Keep private');
    expect(stack.requests).not.toContain('PATCH /api/images/01A');
    await confirm();

    expect(stack.requests).toContain('PATCH /api/images/01A');
    expect(button('Making it public…')?.disabled).toBe(true);
    stack.changes.next(sampleImage({ id: '01A', version: 4 }));
    await answered();
    expect(button('Make private')?.disabled).toBe(false);
    expect(text()).toContain('<picture>');
  });

  it('lets somebody try again where the change does not come', async () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout');
    await show(privateImage(90));
    await confirm();
    expect(button('Making it public…')?.disabled).toBe(true);
    const [giveUp] = timeouts.mock.calls.findLast(([, ms]) => ms === MINUTE) ?? [];

    (giveUp as () => void)();
    await answered();

    expect(button('Make public…')?.disabled).toBe(false);
    const [toast] = TestBed.inject(Toasts).list();
    expect(toast?.text).toBe('Not made public: this takes longer than usual');
  });

  it('says why it did not become public', async () => {
    await show(privateImage(90));
    stack.unanswered.add('PATCH /api/images/01A');
    await confirm();

    expect(button('Make public…')?.disabled).toBe(false);
    expect(
      TestBed.inject(Toasts)
        .list()
        .map((one) => one.text),
    ).toEqual(['Not made public: the API cannot be reached']);
  });
});
