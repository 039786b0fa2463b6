import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { Announcer } from '../shared/announcer';
import { Deletions } from '../shared/deletions';
import { example } from '../state/examples';
import { Images } from '../state/images';
import { runningStack } from '../state/sample-stack';
import { Gallery } from './gallery';
import { GalleryMemory } from './gallery-memory';

describe('the gallery', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it.each([
    ['read', false],
    ['read,delete', true],
  ])('takes the Delete key only of who may delete: %s', async (anyone, goes) => {
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe = vi.fn();
        disconnect = vi.fn();
      },
    );
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    const stack = await runningStack({ anyone });
    stack.put(example({ id: '01A' }));
    const images = TestBed.inject(Images);
    images.start(() => Promise.resolve());
    await vi.waitUntil(() => images.byId('01A')());
    const gallery = TestBed.createComponent(Gallery);
    await gallery.whenStable();
    TestBed.inject(GalleryMemory).active.set('01A');
    const element = gallery.nativeElement as HTMLElement;
    const deleting = vi.spyOn(TestBed.inject(Deletions), 'delete');

    const key = new KeyboardEvent('keydown', { key: 'Delete', bubbles: true });
    element.querySelector('tt-grid')?.dispatchEvent(key);

    expect(deleting.mock.calls.length).toBe(goes ? 1 : 0);
  });

  it('does not keep "Copied" from being said by news that leaves its count as it is', async () => {
    vi.stubGlobal(
      'ResizeObserver',
      class {
        observe = vi.fn();
        disconnect = vi.fn();
      },
    );
    TestBed.configureTestingModule({ providers: [provideRouter([])] });
    const stack = await runningStack();
    stack.put(example({ id: '01A', version: 2, status: 'PROCESSING' }));
    const images = TestBed.inject(Images);
    images.start(() => Promise.resolve());
    await vi.waitUntil(() => stack.reader);
    const gallery = TestBed.createComponent(Gallery);
    await gallery.whenStable();
    vi.useFakeTimers();
    TestBed.inject(Announcer).announce('Copied');

    stack.changes.next(example({ id: '01A', version: 3, status: 'READY' }));
    TestBed.tick();
    vi.advanceTimersByTime(1_000);

    expect(images.byId('01A')()?.status).toBe('READY');
    expect([...document.querySelectorAll('body > [role=status]')].at(-1)?.textContent).toBe(
      'Copied',
    );
  });
});
