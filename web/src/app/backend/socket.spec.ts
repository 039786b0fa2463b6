import { example } from '../state/examples';
import type { Config } from './config';
import type { Image } from './models';
import { type Listener, openSocket } from './socket';

const CONFIG: Config = {
  apiUrl: '/api',
  graphqlUrl: 'https://stack.appsync-api.eu-central-1.amazonaws.com/graphql',
  realtimeUrl: 'wss://stack.appsync-realtime-api.eu-central-1.amazonaws.com/graphql',
  apiKey: 'key?>',
  accessMode: 'open',
  signIn: { issuer: '', clientId: '', url: '', scope: '', audience: '' },
  anyone: [],
  access: '',
  originalsReadable: false,
  maxBytes: 1,
  visibility: 'public',
  delivery: null,
};
const OPENING_MS = 15_000;
const SILENCE_MS = 150_000;

/** A browser's socket whose other end is the test. */
class Socket {
  static readonly CONNECTING = 0;
  static last: Socket;
  readyState = 0;
  readonly sent: Readonly<Record<string, unknown>>[] = [];
  onopen: (() => void) | undefined;
  onmessage: ((event: { readonly data: string }) => void) | undefined;
  onclose: (() => void) | undefined;

  constructor(
    readonly url: string,
    readonly protocols: readonly string[],
  ) {
    Socket.last = this;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    if (this.readyState === 0) throw new Error('closed before it was open');
    this.readyState = 3;
    this.onclose?.();
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  says(...messages: readonly object[]): void {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) });
  }
}

describe('the socket', () => {
  let events: string[];
  let leave: () => void;
  let server: Socket;

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', Socket);
    events = [];
    leave = open({ token: '', owner: null });
    server = Socket.last;
  });

  function open(listener: Listener): () => void {
    return openSocket(CONFIG, listener, {
      ready: () => events.push('ready'),
      changed: (image: Image) => events.push(`${image.id} ${image.version}`),
      down: () => events.push('down'),
    });
  }

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function stands(): void {
    server.opens();
    server.says({ type: 'connection_ack' }, { type: 'start_ack', id: 'changes' });
  }

  function changes(image: Image): void {
    server.says({ type: 'data', id: 'changes', payload: { data: { imageChanged: image } } });
  }

  it('says at the door who asks', () => {
    const [protocol, header = ''] = server.protocols;
    const text = header.replace('header-', '').replace(/-/g, '+').replace(/_/g, '/');

    expect(server.url).toBe(CONFIG.realtimeUrl);
    expect(protocol).toBe('graphql-ws');
    expect(header).toMatch(/^header-[\w-]+$/);
    expect(JSON.parse(atob(text))).toEqual({
      host: 'stack.appsync-api.eu-central-1.amazonaws.com',
      'x-api-key': 'key?>',
    });
  });

  it('says who has signed in, and whose images to tell, and never a key beside it', () => {
    open({ token: 'access', owner: 'ada' });
    const signedIn = Socket.last;
    signedIn.opens();
    signedIn.says({ type: 'connection_ack' });

    const [, header = ''] = signedIn.protocols;
    const text = header.replace('header-', '').replace(/-/g, '+').replace(/_/g, '/');
    const authorization = {
      host: 'stack.appsync-api.eu-central-1.amazonaws.com',
      Authorization: 'access',
    };
    expect(JSON.parse(atob(text))).toEqual(authorization);
    const payload = signedIn.sent[1]?.['payload'] as { data: string; extensions: object };
    expect(payload.extensions).toEqual({ authorization });
    const { query, variables } = JSON.parse(payload.data) as { query: string; variables: object };
    expect(query).toContain('imageChanged(owner: $owner)');
    expect(variables).toEqual({ owner: 'ada' });
  });

  it('introduces itself, subscribes, and is ready when that is acknowledged', () => {
    server.opens();
    expect(server.sent.map((one) => one['type'])).toEqual(['connection_init']);
    server.says({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
    expect(server.sent.map((one) => one['type'])).toEqual(['connection_init', 'start']);
    expect(JSON.stringify(server.sent[1])).toContain('imageChanged');
    expect(JSON.stringify(server.sent[1])).toContain('"x-api-key":"key?>"');
    expect(events).toEqual([]);

    server.says({ type: 'start_ack', id: 'changes' });
    expect(events).toEqual(['ready']);
  });

  it('tells each change', () => {
    stands();
    changes(example({ id: '01A', version: 2 }));
    server.says({ type: 'data', id: 'changes', payload: { data: null, errors: [] } });
    changes(example({ id: '01B', version: 3 }));

    expect(events).toEqual(['ready', '01A 2', '01B 3']);
  });

  it.each([
    { type: 'connection_error', payload: { errors: [] } },
    { type: 'error', id: 'changes', payload: { errors: [] } },
    { type: 'complete', id: 'changes' },
  ])('is over, once, when the server says $type', (message) => {
    stands();
    server.says(message, message);

    expect(events).toEqual(['ready', 'down']);
    expect(server.readyState).toBe(3);
  });

  it('is over, once, when it breaks or says what is no message', () => {
    stands();
    server.onmessage?.({ data: '<html>' });
    server.onclose?.();

    expect(events).toEqual(['ready', 'down']);
  });

  it('is over when the server takes too long to acknowledge', () => {
    server.opens();
    server.says({ type: 'connection_ack' });
    vi.advanceTimersByTime(OPENING_MS - 1);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(1);

    expect(events).toEqual(['down']);
  });

  it('is over when nothing is heard for too long; every message is a sign of life', () => {
    stands();
    vi.advanceTimersByTime(SILENCE_MS - 1);
    server.says({ type: 'ka' });
    vi.advanceTimersByTime(SILENCE_MS - 1);
    changes(example({ id: '01A', version: 2 }));
    vi.advanceTimersByTime(SILENCE_MS - 1);
    expect(events).toEqual(['ready', '01A 2']);
    vi.advanceTimersByTime(1);

    expect(events).toEqual(['ready', '01A 2', 'down']);
  });

  it('tells nothing more once it is left, and is closed', () => {
    stands();
    leave();
    changes(example({ id: '01A', version: 2 }));
    vi.advanceTimersByTime(SILENCE_MS);

    expect(events).toEqual(['ready']);
    expect(server.readyState).toBe(3);
  });

  it('is closed when it has opened, if it is left before: browsers complain of anything else', () => {
    leave();
    expect(server.readyState).toBe(0);
    server.opens();

    expect(server.readyState).toBe(3);
    expect(server.sent).toEqual([]);
    expect(events).toEqual([]);
  });
});
