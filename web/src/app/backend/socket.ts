// Every change of an image, as AppSync's real-time WebSocket protocol tells it. Only `live.ts` uses this.
//
// connection_init → connection_ack, start → start_ack; then data, and ka as a sign of life, until somebody
// leaves (AWS AppSync developer guide, "Building a real-time WebSocket client").
import type { Config } from './config';
import { IMAGE_FIELDS, type Subscription } from './graphql.generated';
import { type Image, toImage } from './models';
import { base64Url } from './oauth';

/** Who listens, and to whose images; no token and no owner where the stack is open. */
export interface Listener {
  readonly token: string;
  readonly owner: string | null;
}

export interface SocketEvents {
  /** The subscription stands: nothing from now on is missed. */
  ready(): void;
  changed(image: Image): void;
  /** It is over; the same socket never comes back. */
  down(): void;
}

type Message =
  | { readonly type: 'connection_ack' | 'start_ack' | 'ka' }
  | { readonly type: 'data'; readonly payload: { readonly data: Partial<Subscription> | null } }
  | { readonly type: 'connection_error' | 'error' | 'complete' };

const PROTOCOL = 'graphql-ws';
const ID = 'changes';
const OPENING_MS = 15_000; // until the subscription stands
// The server says it is alive every 60 seconds; two and a half of these silences are the end.
const SILENCE_MS = 150_000;

const CHANGES = `subscription Changes { imageChanged { ${IMAGE_FIELDS} } }`;
const CHANGES_OF = `subscription Changes($owner: String) { imageChanged(owner: $owner) { ${IMAGE_FIELDS} } }`;

/** Subscribes to every change; returns what ends it, after which nothing more is told. */
export function openSocket(config: Config, listener: Listener, events: SocketEvents): () => void {
  const connection = new Connection(config, listener, events);
  return () => connection.leave();
}

class Connection {
  private readonly authorization: Readonly<Record<string, string>>;
  private readonly socket: WebSocket;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private over = false;

  constructor(
    config: Config,
    private readonly listener: Listener,
    private readonly events: SocketEvents,
  ) {
    const { token } = listener;
    const who = token ? { Authorization: token } : { 'x-api-key': config.apiKey };
    this.authorization = { host: new URL(config.graphqlUrl).host, ...who };
    // Browsers can send no headers with a WebSocket: the subprotocol carries them.
    const header = `header-${textInBase64(this.authorization)}`;
    this.socket = new WebSocket(config.realtimeUrl, [PROTOCOL, header]);
    this.socket.onopen = () => this.send({ type: 'connection_init' });
    this.socket.onmessage = ({ data }) => this.receive(String(data));
    this.socket.onclose = () => this.end();
    this.endAfter(OPENING_MS);
  }

  leave(): void {
    this.over = true;
    clearTimeout(this.timer);
    // One that is closed before it is open is an error in the browser's console.
    if (this.socket.readyState === WebSocket.CONNECTING) {
      this.socket.onopen = () => this.socket.close();
    } else {
      this.socket.close();
    }
  }

  private end(): void {
    if (this.over) return;
    this.leave();
    this.events.down();
  }

  private endAfter(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.end(), ms);
  }

  private send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  private receive(text: string): void {
    if (this.over) return;
    const message = parsed(text);
    switch (message?.type) {
      case 'connection_ack':
        return this.subscribe();
      case 'start_ack':
        this.endAfter(SILENCE_MS);
        return this.events.ready();
      case 'data': {
        this.endAfter(SILENCE_MS);
        const changed = message.payload.data?.imageChanged;
        if (changed) this.events.changed(toImage(changed));
        return;
      }
      case 'ka':
        return this.endAfter(SILENCE_MS);
      case 'connection_error':
      case 'error':
      case 'complete':
      case undefined:
        this.end();
    }
  }

  private subscribe(): void {
    const { owner } = this.listener;
    const data = JSON.stringify(
      owner === null
        ? { query: CHANGES, variables: {} }
        : { query: CHANGES_OF, variables: { owner } },
    );
    const extensions = { authorization: this.authorization };
    this.send({ id: ID, type: 'start', payload: { data, extensions } });
  }
}

/** Returns a message of the server; undefined for what is none, which no server of ours says. */
function parsed(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}

function textInBase64(value: object): string {
  return base64Url(new TextEncoder().encode(JSON.stringify(value)));
}
