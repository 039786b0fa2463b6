import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { Announcer } from '../shared/announcer';
import { sampleImage } from '../shared/sample-image';
import { Toasts } from '../shared/toasts';
import { Images } from '../state/images';
import { type Stack, runningStack } from '../state/sample-stack';
import { ImagePage } from './image-page';

const ORIGINAL = 'https://originals.example/01A';

describe('the page of an image', () => {
  let stack: Stack;
  let page: ComponentFixture<ImagePage>;

  beforeEach(async () => {
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    stack = await runningStack();
    stack.put(sampleImage({ id: '01A' }), sampleImage({ id: '01B' }));
    TestBed.inject(Images).start(() => Promise.resolve());
    await vi.waitUntil(() => stack.reader);
    page = TestBed.createComponent(ImagePage);
  });

  afterEach(() => vi.unstubAllGlobals());

  /** Waits until all that was asked was answered and is shown. */
  async function answered(): Promise<void> {
    await page.whenStable();
    // What is asked for once the image is there, too: the link to its original.
    for (let round = 0; round < 2; round += 1) {
      await new Promise((resolve) => setTimeout(resolve));
      await page.whenStable();
    }
  }

  async function show(id: string): Promise<void> {
    page.componentRef.setInput('id', id);
    await answered();
  }

  function element(): HTMLElement {
    return page.nativeElement as HTMLElement;
  }

  function button(text: string): HTMLButtonElement | undefined {
    const all = element().querySelectorAll('button');
    return [...all].find((one) => one.textContent.trim() === text);
  }

  async function press(text: string): Promise<void> {
    button(text)?.click();
    await answered();
  }

  it.each([
    { width: 160, density: 2, first: 'thumb.webp' },
    { width: 412, density: 1.75, first: 'display.avif' },
  ])('shows first what fills $width pixels at $density', async ({ width, density, first }) => {
    vi.stubGlobal('innerWidth', width);
    vi.stubGlobal('devicePixelRatio', density);
    page.destroy();
    page = TestBed.createComponent(ImagePage);

    await show('01A');

    const shown = element().querySelector('.compare-rendition');
    expect(shown?.getAttribute('src')).toContain(first);
  });

  it('lets one image be processed again while another one is', async () => {
    await show('01A');
    await press('Process again');
    expect(button('Processing…')?.disabled).toBe(true);

    await show('01B');

    expect(button('Process again')?.disabled).toBe(false);
  });

  it('lets an image be processed again where that was refused', async () => {
    stack.unanswered.add('POST /api/images/01A/reprocess');
    await show('01A');

    await press('Process again');

    expect(button('Process again')?.disabled).toBe(false);
  });

  it('says that there is nothing to do for an image whose renditions are current', async () => {
    stack.current.add('01A');
    await show('01A');

    await press('Process again');

    expect(button('Process again')?.disabled).toBe(false);
    expect(
      TestBed.inject(Toasts)
        .list()
        .map((one) => one.text),
    ).toEqual(['Nothing to do: the renditions are current.']);
  });

  it('says that the original is not to be had, and fetches it when somebody tries again', async () => {
    stack.unanswered.add('GET /api/images/01A/original');
    await show('01A');
    expect(element().textContent).toContain('The original cannot be loaded');
    expect(element().querySelector('[role=slider]')).toBeNull();

    await press('Try again');
    expect(element().textContent).toContain('The original cannot be loaded');
    stack.unanswered.clear();
    await press('Try again');

    expect(element().textContent).not.toContain('The original cannot be loaded');
    element().querySelector<HTMLElement>('[role=slider]')?.focus();
    await page.whenStable();
    expect(element().querySelector('.compare-original')?.getAttribute('src')).toBe(ORIGINAL);
  });

  it('offers the original for download, and says that everybody may have it', async () => {
    await show('01A');

    const links = [...element().querySelectorAll('a')].map((one) => one.getAttribute('href'));
    expect(links).toContain(ORIGINAL);
    expect(element().textContent).toContain('can still open the original');
    expect(element().textContent).not.toContain('before anyone could see it');
  });

  it('compares with the largest rendition where nobody is given the original', async () => {
    page.destroy();
    TestBed.resetTestingModule();
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    stack = await runningStack({ originalsReadable: false });
    stack.put(sampleImage({ id: '01A', removed: ['GPS position'] }));
    TestBed.inject(Images).start(() => Promise.resolve());
    page = TestBed.createComponent(ImagePage);
    vi.stubGlobal('innerWidth', 160);
    vi.stubGlobal('devicePixelRatio', 2);
    page.destroy();
    page = TestBed.createComponent(ImagePage);

    await show('01A');
    element().querySelector<HTMLElement>('[role=slider]')?.focus();
    await page.whenStable();

    expect(element().querySelector('.compare-original')?.getAttribute('src')).toContain(
      'display.avif',
    );
    expect(stack.requests).not.toContain('GET /api/images/01A/original');
    expect(element().textContent).toContain('Removed from every rendition');
    expect(element().textContent).toContain('The original is private');
  });

  it('shows the first picture while the others are made, and offers nothing that is not there yet', async () => {
    const { renditions } = sampleImage();
    const [first] = renditions.filter((one) => one.preset === 'thumb');
    const image = sampleImage({ id: '01C', version: 3, status: 'PROCESSING' });
    stack.put({ ...image, renditions: first ? [first] : [] });

    await show('01C');

    expect(element().querySelector('.compare-rendition')?.getAttribute('src')).toContain('thumb');
    expect(element().textContent).not.toContain('Any size');
    expect(element().textContent).not.toContain('Use it');

    stack.changes.next(sampleImage({ id: '01C', version: 4 }));
    await answered();

    expect(element().textContent).toContain('Any size');
    expect(element().textContent).toContain('Use it');
  });

  it('does not keep "Copied" from being said by news that changes nothing of what is said', async () => {
    await show('01A');
    vi.useFakeTimers();
    TestBed.inject(Announcer).announce('Copied');

    stack.changes.next(sampleImage({ id: '01A', version: 4 }));
    TestBed.tick();
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();

    expect(element().textContent).toContain('version\u00a04');
    expect([...document.querySelectorAll('body > [role=status]')].at(-1)?.textContent).toBe(
      'Copied',
    );
  });

  it('has no button for what one may not do', async () => {
    page.destroy();
    TestBed.resetTestingModule();
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    stack = await runningStack({ anyone: 'read,upload' });
    const failure = { code: 'time_limit', message: 'too long', retryable: true };
    stack.put(sampleImage({ id: '01A', status: 'FAILED', failure }));
    page = TestBed.createComponent(ImagePage);

    await show('01A');

    expect(element().textContent).toContain('Too long');
    for (const text of ['Delete', 'Process again']) expect(button(text)).toBeUndefined();
  });

  it('says why an image failed in a sentence', async () => {
    const failure = { code: 'truncated_image', message: 'the JPEG ends', retryable: false };
    stack.put(sampleImage({ id: '01C', status: 'FAILED', failure }));
    await show('01C');

    expect(element().querySelector('tt-failure-card p')?.textContent.trim()).toBe('The JPEG ends');
  });
});
