import type { Ticket } from './models';
import { PutError, put } from './s3-put';

const TICKET: Ticket = {
  imageId: '01A',
  processedFilename: 'processed-beach.jpg',
  upload: {
    method: 'PUT',
    url: 'https://bucket/01A?signed',
    headers: {
      'Content-Type': 'image/jpeg',
      'If-None-Match': '*',
      'Content-Length': '9',
      host: 'x',
    },
    expiresAt: '2026-11-28T12:00:00Z',
  },
};
const SILENCE_MS = 60_000;

class FakeRequest {
  static last: FakeRequest;
  readonly upload: { onprogress?: (event: { readonly loaded: number }) => void } = {};
  readonly headers: Record<string, string> = {};
  status = 0;
  opened = '';
  sent: unknown;
  aborted = false;
  onload?: () => void;
  onerror?: () => void;
  onabort?: () => void;

  constructor() {
    FakeRequest.last = this;
  }

  open(method: string, url: string): void {
    this.opened = `${method} ${url}`;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  send(body: unknown): void {
    this.sent = body;
  }

  abort(): void {
    this.aborted = true;
    this.onabort?.();
  }

  answers(status: number): void {
    this.status = status;
    this.onload?.();
  }
}

describe('a PUT into the bucket', () => {
  const file = new File(['a picture'], 'beach.jpg');
  let cancel: AbortController;
  let progress: number[];

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('XMLHttpRequest', FakeRequest);
    cancel = new AbortController();
    progress = [];
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Begins; resolves with how it ended. */
  function ending(): Promise<unknown> {
    const { signal } = cancel;
    const sending = put({
      file,
      ticket: TICKET,
      progressed: (sent) => progress.push(sent),
      signal,
    });
    return sending.then(
      () => 'done',
      (error: unknown) => error,
    );
  }

  it('sends the file as its ticket says, without what browsers set, and tells how far it is', async () => {
    const ended = ending();
    const request = FakeRequest.last;
    request.upload.onprogress?.({ loaded: 4 });
    request.upload.onprogress?.({ loaded: 9 });
    request.answers(200);

    expect(await ended).toBe('done');
    expect(request.opened).toBe('PUT https://bucket/01A?signed');
    expect(request.headers).toEqual({ 'Content-Type': 'image/jpeg', 'If-None-Match': '*' });
    expect(request.sent).toBe(file);
    expect(progress).toEqual([4, 9]);
  });

  it('throws the status of a refusal', async () => {
    const ended = ending();
    FakeRequest.last.answers(412);

    expect(await ended).toMatchObject({ status: 412 });
  });

  it('throws status 0 where there is no answer', async () => {
    const ended = ending();
    FakeRequest.last.onerror?.();

    expect(await ended).toEqual(new PutError(0, 'the connection was lost'));
  });

  it('ends after a minute in which nothing was sent, and not before', async () => {
    const ended = ending();
    const request = FakeRequest.last;
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    request.upload.onprogress?.({ loaded: 4 });
    await vi.advanceTimersByTimeAsync(SILENCE_MS - 1);
    expect(request.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);

    expect(request.aborted).toBe(true);
    expect(await ended).toEqual(new PutError(0, 'nothing was sent for a minute'));
  });

  it('ends when it is cancelled, and does not begin when it was before', async () => {
    const ended = ending();
    const request = FakeRequest.last;
    cancel.abort();

    expect(await ended).toBe(cancel.signal.reason);
    expect(request.aborted).toBe(true);
    expect(await ending()).toBe(cancel.signal.reason);
    expect(FakeRequest.last).toBe(request);
  });
});
