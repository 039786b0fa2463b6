import { TestBed } from '@angular/core/testing';
import { Images } from '../state/images';
import { Deletions } from './deletions';
import { Toasts } from './toasts';

const BEACH = { id: '01M7', filename: 'beach.jpg' };
const FOREST = { id: '01M8', filename: 'forest.jpg' };

describe('Deletions', () => {
  const said: string[] = [];
  let refuse = false;
  const images = {
    hide: (id: string) => said.push(`hide ${id}`),
    unhide: (id: string) => said.push(`unhide ${id}`),
    remove: (id: string) => {
      said.push(`remove ${id}`);
      return refuse ? Promise.reject(new Error('no')) : Promise.resolve();
    },
  };

  function begin(): { deletions: Deletions; toasts: Toasts } {
    said.length = 0;
    refuse = false;
    TestBed.configureTestingModule({ providers: [{ provide: Images, useValue: images }] });
    return { deletions: TestBed.inject(Deletions), toasts: TestBed.inject(Toasts) };
  }

  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('are sent a few seconds later', () => {
    const { deletions } = begin();

    deletions.delete(BEACH);
    expect(said).toEqual(['hide 01M7']);
    vi.advanceTimersByTime(10_000);

    expect(said).toEqual(['hide 01M7', 'remove 01M7']);
  });

  it('that are undone are never sent', () => {
    const { deletions, toasts } = begin();
    let undone = false;

    deletions.delete(BEACH, () => (undone = true));
    toasts.act(toasts.list()[0]?.id ?? 0);
    vi.advanceTimersByTime(10_000);

    expect(said).toEqual(['hide 01M7', 'unhide 01M7']);
    expect(undone).toBe(true);
  });

  it('wait while somebody is at their message', () => {
    const { deletions, toasts } = begin();

    deletions.delete(BEACH);
    toasts.hold(toasts.list()[0]?.id ?? 0, 'pointer');
    vi.advanceTimersByTime(60_000);

    expect(said).toEqual(['hide 01M7']);
  });

  it('are all sent when the page is left', () => {
    const { deletions } = begin();

    deletions.delete(BEACH);
    deletions.delete(FOREST);
    window.dispatchEvent(new Event('pagehide'));

    expect(said).toEqual(['hide 01M7', 'hide 01M8', 'remove 01M7', 'remove 01M8']);
  });

  it('are undone with the keyboard, the last one first, and not while one types', () => {
    const { deletions } = begin();
    const field = document.body.appendChild(document.createElement('input'));
    const press = { key: 'z', ctrlKey: true, bubbles: true };

    deletions.delete(BEACH);
    deletions.delete(FOREST);
    field.dispatchEvent(new KeyboardEvent('keydown', press));
    document.body.dispatchEvent(new KeyboardEvent('keydown', press));
    field.remove();

    expect(said).toEqual(['hide 01M7', 'hide 01M8', 'unhide 01M8']);
  });

  it('that fail bring the image back, and say so', async () => {
    const { deletions, toasts } = begin();
    refuse = true;

    deletions.delete(BEACH);
    await vi.advanceTimersByTimeAsync(6_000);

    expect(said).toEqual(['hide 01M7', 'remove 01M7', 'unhide 01M7']);
    expect(toasts.list()).toMatchObject([{ tone: 'danger', name: 'beach.jpg' }]);
  });

  it('of the same image twice are one', () => {
    const { deletions, toasts } = begin();

    deletions.delete(BEACH);
    deletions.delete(BEACH);

    expect(toasts.list()).toHaveLength(1);
  });
});
