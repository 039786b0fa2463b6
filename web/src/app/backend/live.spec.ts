import { TestBed } from '@angular/core/testing';
import { type Stack, signedInStack } from '../state/sample-stack';
import { Caller } from './caller';
import { Live } from './live';
import { Session } from './session';

/** A browser's socket whose other end is the test. */
class Socket {
  static readonly CONNECTING = 0;
  static all: Socket[] = [];
  readyState = 1;
  readonly sent: string[] = [];
  onopen: (() => void) | undefined;
  onmessage: ((event: { readonly data: string }) => void) | undefined;

  constructor(
    readonly url: string,
    private readonly protocols: readonly string[],
  ) {
    Socket.all.push(this);
  }

  get token(): string {
    const [, header = ''] = this.protocols;
    const text = header.replace('header-', '').replace(/-/g, '+').replace(/_/g, '/');
    return (JSON.parse(atob(text)) as { Authorization: string }).Authorization;
  }

  get open(): boolean {
    return this.readyState === 1;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
  }

  stands(): void {
    this.onopen?.();
    for (const type of ['connection_ack', 'start_ack']) {
      this.onmessage?.({ data: JSON.stringify({ type }) });
    }
  }
}

describe('the live connection of who has signed in', () => {
  let stack: Stack;
  let session: Session;
  let live: Live;
  let reads: number;
  /** What listens for as long as the page lives does so for a test. */
  let unlisten: () => void;

  beforeEach(async () => {
    Socket.all = [];
    reads = 0;
    vi.stubGlobal('WebSocket', Socket);
    const listen = vi.spyOn(globalThis, 'addEventListener');
    unlisten = () => {
      for (const [type, heard] of listen.mock.calls) removeEventListener(type, heard);
    };
    stack = await signedInStack();
    session = TestBed.inject(Session);
    live = TestBed.runInInjectionContext(() => new Live());
    const caller = TestBed.inject(Caller);
    const read = async (): Promise<boolean> => (reads += 1) > 0;
    live.start({ readAll: read, readOpen: read });
    TestBed.tick();
    await vi.waitUntil(() => caller.me());
    await sockets(1);
    Socket.all[0]?.stands();
    await vi.waitUntil(() => live.state() === 'live');
  });

  afterEach(() => {
    unlisten();
    localStorage.clear();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  async function sockets(count: number): Promise<void> {
    await vi.waitUntil(() => {
      TestBed.tick();
      return Socket.all.length === count;
    });
  }

  const open = (): boolean[] => Socket.all.map((one) => one.open);

  it('hears of one’s own images, with one’s own token', () => {
    expect(Socket.all[0]?.token).toBe(session.accessToken());
    expect(Socket.all[0]?.sent.join()).toContain(String.raw`{\"owner\":\"ada\"}`);
  });

  it('takes a newer token without a gap, and reads what may have been missed', async () => {
    await session.renewAfter(session.accessToken());
    await sockets(2);
    expect(open()).toEqual([true, true]);
    expect(live.state()).toBe('live');
    const before = reads;

    Socket.all[1]?.stands();

    expect(open()).toEqual([false, true]);
    expect(Socket.all[1]?.token).toBe(session.accessToken());
    await vi.waitUntil(() => reads > before);
    expect(live.state()).toBe('live');
  });

  it('hears of another owner’s images where that is asked for', async () => {
    live.listenTo('bob');
    await sockets(2);

    expect(Socket.all[1]?.sent.join()).toBe('');
    Socket.all[1]?.stands();
    expect(Socket.all[1]?.sent.join()).toContain(String.raw`{\"owner\":\"bob\"}`);
  });

  it('ends with the session, and asks for nothing until somebody signs in', async () => {
    stack.issuer?.endAll();
    await session.renewAfter(session.accessToken()).catch(() => undefined);
    TestBed.tick();
    expect(open()).toEqual([false]);
    const before = reads;
    dispatchEvent(new Event('online'));
    await new Promise((resolve) => setTimeout(resolve, 20));

    expect(Socket.all.length).toBe(1);
    expect(reads).toBe(before);
  });
});
