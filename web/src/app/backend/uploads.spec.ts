import { TestBed } from '@angular/core/testing';
import { type Stack, runningStack, signedInStack } from '../state/sample-stack';
import type { Ticket } from './models';
import { keep } from './kept';
import { Session } from './session';
import { S3Uploads } from './uploads';

const file = new File(['a picture'], 'beach.jpg');

describe('an upload into the bucket', () => {
  let stack: Stack;
  let onHeld: (() => void) | undefined;
  const uploads = (): string[] => stack.requests.filter((one) => !one.startsWith('GET'));

  beforeEach(async () => {
    stack = await runningStack();
  });

  afterEach(() => {
    onHeld = undefined;
    localStorage.clear();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  /** Uploads the file, and returns the tickets it was given and the code of what went wrong. */
  async function upload(held?: Ticket): Promise<{ tickets: Ticket[]; ended: string }> {
    const tickets: Ticket[] = [];
    const ended = await new Promise<string>((resolve) => {
      const job = { file, contentType: 'image/jpeg', ticket: held } as const;
      TestBed.inject(S3Uploads).start(job, {
        ticketed: (ticket) => tickets.push(ticket),
        progressed: () => undefined,
        held: () => onHeld?.(),
        resumed: () => undefined,
        arrived: (ticket) => resolve(`arrived ${ticket.imageId}`),
        disconnected: ({ code }) => resolve(code),
      });
    });
    return { tickets, ended };
  }

  it('gives a ticket back that is refused, once it has another', async () => {
    stack.statuses.push(403);

    expect((await upload()).ended).toBe('arrived 01B');

    expect(uploads()).toEqual([
      'POST /api/uploads',
      'PUT 01A',
      'POST /api/uploads',
      'DELETE /api/images/01A',
      'PUT 01B',
    ]);
  });

  it('is refused for good the second time', async () => {
    stack.statuses.push(403, 403);

    expect((await upload()).ended).toBe('upload_refused');
  });

  it('gives a ticket back that has expired', async () => {
    stack.ticketSeconds = 1;
    stack.statuses.push(400);
    const [expired] = (await upload()).tickets;
    stack.ticketSeconds = 900;

    expect((await upload(expired)).ended).toBe('arrived 01B');

    expect([...stack.images.keys()]).toEqual(['01B']);
  });

  it('goes on with the ticket that it holds', async () => {
    stack.statuses.push(400);
    const [held] = (await upload()).tickets;

    expect((await upload(held)).ended).toBe('arrived 01A');
  });

  it('waits while nobody is signed in, and goes on by itself once somebody is', async () => {
    TestBed.resetTestingModule();
    stack = await signedInStack();
    const session = TestBed.inject(Session);
    stack.issuer?.endAll();
    const holding = new Promise<void>((resolve) => (onHeld = resolve));

    const uploading = upload();
    await holding;
    expect(session.state().state).toBe('expired');
    expect([...stack.images.keys()]).toEqual([]);
    stack.issuer?.refreshTokens.add('again');
    keep({ refresh: 'again', person: { subject: 'ada', name: '' } });
    await session.beginAgain();
    TestBed.tick();

    expect((await uploading).ended).toBe('arrived 01A');
  });

  /** Has the API refuse the next requests as coming too soon. */
  function refuse(code: string, times: number, headers: Record<string, string> = {}): void {
    const fetching = vi.spyOn(stack, 'fetch');
    for (let time = 0; time < times; time += 1) {
      const problem = { code, detail: '5,000 of 5,000 images' };
      fetching.mockResolvedValueOnce(Response.json(problem, { status: 429, headers }));
    }
  }

  it('waits for as long as the API says, however often', async () => {
    vi.useFakeTimers();
    refuse('rate_limited', 7, { 'retry-after': '30' });
    const uploading = upload();
    await vi.advanceTimersByTimeAsync(7 * 30_000 - 1);
    expect(uploads()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();

    expect((await uploading).ended).toBe('arrived 01A');
  });

  it('is not tried again by itself where there is no room left', async () => {
    refuse('quota_exceeded', 1, { 'retry-after': '30' });

    expect((await upload()).ended).toBe('quota_exceeded');
  });

  it('is tried again where the connection broke off amidst an answer', async () => {
    vi.useFakeTimers();
    const broken = new ReadableStream({
      start: (stream) => stream.error(new TypeError('network error')),
    });
    vi.spyOn(stack, 'fetch').mockResolvedValueOnce(new Response(broken, { status: 201 }));
    const uploading = upload();
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();

    expect((await uploading).ended).toBe('arrived 01A');
  });
});
