import { TestBed } from '@angular/core/testing';
import { Session } from '../backend/session';
import { example } from '../state/examples';
import { type Stack, runningStack, signedInStack } from '../state/sample-stack';
import { Toasts } from '../shared/toasts';
import { remember } from './unfinished';
import { Uploads } from './uploads';

describe('the uploads of this page', () => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await runningStack();
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    sessionStorage.clear();
  });

  function processing(imageId: string): void {
    const stage = { at: 'processing', imageId, above: 0 } as const;
    remember(sessionStorage, [{ key: 1, name: 'beach.jpg', size: 10, stage }]);
  }

  it('do not wait for an image that is gone when they are picked up again', async () => {
    processing('01A');
    const uploads = TestBed.inject(Uploads);
    TestBed.tick();
    await vi.waitUntil(() => stack.requests.includes('GET /api/images/01A'));

    await vi.waitFor(() => {
      TestBed.tick();
      expect(uploads.list()).toEqual([]);
      expect(sessionStorage.length).toBe(0);
    });
  });

  it('wait on where the stack did not answer', async () => {
    processing('01A');
    stack.unanswered.add('GET /api/images/01A');
    const uploads = TestBed.inject(Uploads);
    TestBed.tick();
    await vi.waitUntil(() => stack.requests.includes('GET /api/images/01A'));
    TestBed.tick();

    expect(uploads.list().map((one) => one.stage.at)).toEqual(['processing']);
  });
  it('say why one was not processed again', async () => {
    const failure = { code: 'truncated_image', message: 'cut off', retryable: false };
    stack.put(example({ id: '01A', version: 3, status: 'FAILED', failure }));
    processing('01A');
    const uploads = TestBed.inject(Uploads);
    await vi.waitFor(() => {
      TestBed.tick();
      expect(uploads.list().map((one) => one.stage.at)).toEqual(['failed']);
    });
    stack.images.clear();

    for (const { key } of uploads.list()) uploads.retry(key);

    const toasts = TestBed.inject(Toasts);
    await vi.waitFor(() =>
      expect(toasts.list().map((one) => one.text)).toEqual([
        'Not processed again: no image has that id',
      ]),
    );
  });

  it('ask whether a drawing is taken, and say why not without sending it', async () => {
    const uploads = TestBed.inject(Uploads);
    uploads.add([new File(['<svg/>'], 'logo.svg')]);

    await vi.waitFor(() => expect(uploads.list()[0]?.stage.at).toBe('refused'));
    expect(uploads.list()[0]?.stage).toMatchObject({
      trouble: {
        code: 'unsupported_content_type',
        message: 'SVG is accepted only with `svg = true` in [limits]',
      },
    });
    expect(stack.requests).toContain('POST /api/uploads');
    expect(stack.requests.filter((one) => one.startsWith('PUT'))).toEqual([]);
  });

  it('end with the session of who signed out, and leave no name behind', async () => {
    TestBed.resetTestingModule();
    stack = await signedInStack();
    stack.put(example({ id: '01Z', version: 2, status: 'PROCESSING' }));
    processing('01Z');
    const uploads = TestBed.inject(Uploads);
    TestBed.tick();
    await vi.waitFor(() => expect(uploads.list().length).toBe(1));
    stack.issuer?.endAll();
    uploads.add([new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0])], 'beach.jpg')]);
    await vi.waitFor(() => {
      expect(uploads.list().map((one) => one.stage.at)).toEqual(['processing', 'held']);
    });

    vi.stubGlobal('location', { origin: 'https://page.example', assign: vi.fn() });
    await TestBed.inject(Session).signOut();
    TestBed.tick();

    expect(uploads.list()).toEqual([]);
    TestBed.tick();
    expect(sessionStorage.length).toBe(0);
    localStorage.clear();
  });

  describe('that broke', () => {
    let uploads: Uploads;
    const at = (): string[] => uploads.list().map((one) => one.stage.at);

    beforeEach(async () => {
      stack.statuses.push(400);
      uploads = TestBed.inject(Uploads);
      uploads.add([new File([new Uint8Array([0xff, 0xd8, 0xff, 0xe0])], 'beach.jpg')]);
      await vi.waitFor(() => expect(at()).toEqual(['broken']));
    });

    it.each(['dismiss', 'clear'] as const)('give their ticket back: %s', async (act) => {
      uploads[act](uploads.list()[0]?.key ?? 0);

      await vi.waitFor(() => expect(stack.requests).toContain('DELETE /api/images/01A'));
    });

    it('leave an image alone that was made all the same', async () => {
      stack.put(example({ id: '01A', version: 3, status: 'READY' }));

      uploads.dismiss(uploads.list()[0]?.key ?? 0);

      await vi.waitFor(() => expect(stack.requests).toContain('GET /api/images/01A'));
      await new Promise((resolve) => setTimeout(resolve));
      expect(stack.images.has('01A')).toBe(true);
    });

    it('keep their ticket to be sent again', async () => {
      uploads.retry(uploads.list()[0]?.key ?? 0);
      await vi.waitFor(() => expect(at()).toEqual(['processing']));

      const sent = stack.requests.filter((one) => !one.startsWith('GET') && one !== 'pollSoon');
      expect(sent).toEqual(['POST /api/uploads', 'PUT 01A', 'PUT 01A']);
    });
  });
});
