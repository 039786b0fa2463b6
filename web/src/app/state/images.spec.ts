import { TestBed } from '@angular/core/testing';
import { Caller } from '../backend/caller';
import type { Reader } from '../backend/live';
import { example } from './examples';
import { Images } from './images';
import { type Stack, runningStack, signedInStack } from './sample-stack';

describe('the images', () => {
  let stack: Stack;
  let images: Images;
  const shown = (): string[] => images.list().map((one) => one.id);

  beforeEach(async () => {
    stack = await runningStack();
    images = TestBed.inject(Images);
  });

  afterEach(() => vi.unstubAllGlobals());

  async function started(): Promise<Reader> {
    images.start(() => Promise.resolve());
    await vi.waitUntil(() => stack.reader);
    if (!stack.reader) throw new Error('the live connection was not started');
    return stack.reader;
  }

  it('come page after page, newest first', async () => {
    stack.pageLength = 2;
    stack.put(...['01A', '01B', '01C'].map((id) => example({ id, status: 'READY' })));

    expect(images.listing()).toEqual({ state: 'reading' });
    expect(await images.loadMore()).toBe(true);
    expect(shown()).toEqual(['01C', '01B']);
    expect(await images.loadMore()).toBe(false);
    expect(shown()).toEqual(['01C', '01B', '01A']);
    expect(images.listing()).toEqual({ state: 'read', more: false });
  });

  it('come further down with what is read again below their end, and go on from there', async () => {
    stack.put(...['01A', '01B', '01C', '01D'].map((id) => example({ id, status: 'READY' })));
    stack.pageLength = 1;
    const reader = await started();
    expect(shown()).toEqual(['01D']);
    stack.pageLength = 2;

    await reader.readAll();
    expect(shown()).toEqual(['01D', '01C']);
    expect(images.listing()).toEqual({ state: 'read', more: true });
    expect(await images.loadMore()).toBe(false);

    expect(shown()).toEqual(['01D', '01C', '01B', '01A']);
  });

  it('do not end higher up when only the newest are read again', async () => {
    stack.put(...['01A', '01B', '01C'].map((id) => example({ id, status: 'READY' })));
    const reader = await started();
    stack.pageLength = 2;

    await reader.readOpen();

    expect(shown()).toEqual(['01C', '01B', '01A']);
    expect(images.listing()).toEqual({ state: 'read', more: false });
  });

  it.each(['readAll', 'readOpen'] as const)(
    'are there by themselves after a first page that failed: %s',
    async (read) => {
      stack.put(...['01A', '01B', '01C'].map((id) => example({ id, status: 'READY' })));
      stack.unanswered.add('GET /api/images');
      const reader = await started();
      expect(images.listing()).toMatchObject({ state: 'failed' });
      stack.unanswered.clear();
      stack.pageLength = 2;

      await reader[read]();

      expect(shown()).toEqual(['01C', '01B']);
      expect(images.listing()).toEqual({ state: 'read', more: true });
      expect(await images.loadMore()).toBe(false);
      expect(shown()).toEqual(['01C', '01B', '01A']);
    },
  );

  it('do not become fewer by a first page that comes after more was read', async () => {
    stack.put(...['01A', '01B', '01C'].map((id) => example({ id, status: 'READY' })));
    stack.unanswered.add('GET /api/images');
    const reader = await started();
    stack.unanswered.clear();
    stack.pageLength = 1;
    const answer = stack.fetch('https://stack/api/images');
    let arrive = (): void => undefined;
    const arriving = new Promise<Response>((resolve) => (arrive = () => resolve(answer)));
    vi.spyOn(stack, 'fetch').mockReturnValueOnce(arriving);
    const late = images.loadMore();
    stack.pageLength = 2;
    await reader.readAll();

    arrive();
    await late;

    expect(shown()).toEqual(['01C', '01B']);
    expect(images.listing()).toEqual({ state: 'read', more: true });
  });

  it('are asked for once when several want the next page', async () => {
    await Promise.all([images.loadMore(), images.loadMore()]);

    expect(stack.requests).toEqual(['GET /api/images']);
  });

  it('appear and change as the socket tells, each once', async () => {
    await started();

    stack.changes.next(example({ id: '01B', version: 2, status: 'PROCESSING' }));
    stack.changes.next(example({ id: '01B', version: 3, status: 'READY' }));
    stack.changes.next(example({ id: '01B', version: 2, status: 'PROCESSING' }));

    expect(images.list().map((one) => one.status)).toEqual(['READY']);
  });

  it('are caught up with when the socket comes back: changed, new, deleted', async () => {
    const before = ['01A', '01B', '01C'].map((id) =>
      example({ id, version: 2, status: 'PROCESSING' }),
    );
    stack.put(...before);
    const reader = await started();
    stack.images.delete('01B');
    stack.put(example({ id: '01A', version: 3, status: 'READY' }), example({ id: '01D' }));

    expect(await reader.readAll()).toBe(true);

    expect(shown()).toEqual(['01D', '01C', '01A']);
    expect(images.byId('01A')()?.status).toBe('READY');
    expect(images.byId('01B')()).toBeUndefined();
    expect(await reader.readAll()).toBe(false);
  });

  it('that are on their way are polled by themselves where no page has them', async () => {
    const reader = await started();
    images.expect('01A');

    await reader.readOpen();

    expect(stack.requests).toContain('pollSoon');
    expect(stack.requests.at(-1)).toBe('GET /api/images/01A');
  });

  it('that are final are not asked for any more', async () => {
    const reader = await started();
    images.expect('01A');
    stack.changes.next(example({ id: '01A', version: 3, status: 'READY' }));
    stack.put(example({ id: '01A', version: 3, status: 'READY' }));

    await reader.readOpen();

    expect(stack.requests).not.toContain('GET /api/images/01A');
  });

  it('are found or missing when they are opened', async () => {
    stack.put(example({ id: '01A' }));

    expect(await images.open('01A')).toBe('found');
    expect(await images.open('01Z')).toBe('missing');
  });

  it('go at once when they are removed, also those that are gone already', async () => {
    stack.put(example({ id: '01A' }), example({ id: '01B' }));
    await images.loadMore();
    stack.images.delete('01B');

    await images.remove('01A');
    await images.remove('01B');

    expect(shown()).toEqual([]);
    expect(images.peek('01A')?.status).toBe('DELETED');
  });

  it('can be hidden, and shown again', async () => {
    stack.put(example({ id: '01A' }));
    await images.loadMore();

    images.hide('01A');
    expect(shown()).toEqual([]);
    expect(images.byId('01A')()).toBeDefined();
    images.unhide('01A');
    expect(shown()).toEqual(['01A']);
  });

  it('say what is wrong when they cannot be read, and are read at the next try', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await images.loadMore();
    expect(images.listing()).toMatchObject({
      state: 'failed',
      problem: { code: 'api_unreachable' },
    });

    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ images: [example()] })));
    await images.loadMore();
    expect(images.listing()).toEqual({ state: 'read', more: false });
  });

  describe('of several owners', () => {
    beforeEach(async () => {
      TestBed.resetTestingModule();
      const me = { owner: 'ada', admin: true, scopes: ['read', 'admin'] } as const;
      stack = await signedInStack({ me });
      stack.put(example({ id: '01A', owner: 'ada' }), example({ id: '01B', owner: 'bob' }));
      images = TestBed.inject(Images);
      const caller = TestBed.inject(Caller);
      TestBed.tick();
      await vi.waitUntil(() => caller.me());
      await started();
    });

    afterEach(() => localStorage.clear());

    it('are one’s own, also where one may see all', () => {
      expect(shown()).toEqual(['01A']);
    });

    it('are those of the owner that an admin names, live ones too, and one’s own again', async () => {
      images.showOwner('bob');
      expect(images.listing()).toEqual({ state: 'reading' });
      expect(stack.requests.at(-1)).toBe('listen to bob');
      await vi.waitUntil(() => images.listing().state === 'read');
      stack.changes.next(example({ id: '01C', owner: 'ada' }));
      stack.changes.next(example({ id: '01D', owner: 'bob' }));
      expect(shown()).toEqual(['01D', '01B']);

      images.showOwner('');
      await vi.waitUntil(() => images.listing().state === 'read');
      expect(shown()).toEqual(['01C', '01A']);
    });

    it('are not mixed by an older page that was asked for before', async () => {
      stack.pageLength = 1;
      stack.put(...['01C', '01D'].map((id) => example({ id, owner: 'ada' })));
      images.showOwner('bob');
      images.showOwner('');
      await vi.waitUntil(() => images.listing().state === 'read');
      void images.loadMore();
      images.showOwner('bob');
      await vi.waitUntil(() => images.listing().state === 'read');

      expect(shown()).toEqual(['01B']);
      expect(images.listing()).toEqual({ state: 'read', more: false });
    });

    it('are not mixed by an answer that comes after another owner was named', async () => {
      stack.pageLength = 1;
      stack.put(example({ id: '01E', owner: 'bob' }));
      const reader = stack.reader;
      images.showOwner('bob');
      const late = reader?.readAll();
      images.showOwner('');
      await late;
      await vi.waitUntil(() => images.listing().state === 'read');

      expect(shown()).toEqual(['01A']);
      expect(images.listing()).toEqual({ state: 'read', more: false });
    });
  });
});
