// A stack for tests: what it has, what it was asked, and the socket's end that the page listens to.
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Subject } from 'rxjs';
import { Configuration } from '../backend/config';
import { keep } from '../backend/kept';
import { Live, type Reader } from '../backend/live';
import type { Image, ImageDocument, Me, NewApiKey, Ticket, Visibility } from '../backend/models';
import { ISSUER, Issuer, SIGN_IN } from '../backend/sample-issuer';
import { Session } from '../backend/session';
import { example } from './examples';

const CONFIG = {
  apiUrl: 'https://stack/api',
  graphqlUrl: 'https://stack/graphql',
  apiKey: 'key',
  realtimeUrl: 'wss://stack/realtime',
  access: 'open',
};

export class Stack {
  readonly images = new Map<string, ImageDocument>();
  readonly requests: string[] = [];
  /** Requests that are not answered, such as `GET /api/images`. */
  readonly unanswered = new Set<string>();
  /** Images whose renditions the presets of today would make again. */
  readonly current = new Set<string>();
  readonly changes = new Subject<Image>();
  /** Whether it gives out links to originals; the page reads it once. */
  originalsReadable = true;
  readonly state = signal('live' as const);
  /** What the bucket says to the next uploads; 200 after that. */
  readonly statuses: number[] = [];
  reader: Reader | undefined;
  /** Who may sign in; everybody comes in without one. */
  issuer: Issuer | undefined;
  /** How to sign in with it. */
  signIn: object = { accessMode: 'cognito', signIn: SIGN_IN };
  /** What everybody may do without an issuer. */
  anyone = 'read,upload,delete,admin';
  me: Me = { owner: 'ada', admin: false, scopes: ['read', 'upload', 'delete'] };
  readonly keys = new Map<string, NewApiKey>();
  /** Who may see what is uploaded, if the upload does not say it. */
  visibility: Visibility = 'public';
  /** The authorization that the session's cookie was given back with. */
  closedWith: string | null = null;
  /** Which addresses of any size are open, as config.json says it; a stack from before them says nothing. */
  delivery: object | undefined = { widths: '320,640,1280,2560', unsigned: 'grid' };
  /** What the CDN answers for an address of any size, other than a picture. */
  readonly delivered: Response[] = [];
  pageLength = 100;
  ticketSeconds = 900;

  put(...images: readonly Image[]): void {
    for (const image of images) this.images.set(image.id, image);
  }

  /** Has an image as the API tells of it. */
  putDocument(image: ImageDocument): void {
    this.images.set(image.id, image);
  }

  start(reader: Reader): void {
    this.reader = reader;
  }

  listenTo(owner: string): void {
    this.requests.push(`listen to ${owner || 'one’s own'}`);
  }

  pollSoon(): void {
    this.requests.push('pollSoon');
  }

  /** Answers as a browser's `fetch` does. */
  async fetch(address: string, request?: RequestInit): Promise<Response> {
    const url = new URL(address, 'https://stack/');
    if (url.pathname === '/config.json') {
      return Response.json(this.config());
    }
    if (url.origin === ISSUER && this.issuer) return this.issuer.fetch(url, request);
    if (/^\/[ip]\//.test(url.pathname)) return this.deliver(url);
    const called = `${request?.method ?? 'GET'} ${url.pathname}`;
    this.requests.push(called);
    if (this.unanswered.has(called)) throw new TypeError('Failed to fetch');
    if (!this.knows(request)) return Response.json({ code: 'not_signed_in' }, { status: 401 });
    return this.respond(called, url, request);
  }

  /** Takes an original in as the bucket does, and processes it; returns the status. */
  upload(address: string): number {
    const id = address.slice(-3);
    const status = this.statuses.shift() ?? 200;
    this.requests.push(`PUT ${id}`);
    if (status === 200) this.put(example({ id, version: 3, status: 'READY' }));
    return status;
  }

  private config(): object {
    const originalsReadable = String(this.originalsReadable);
    const { anyone, issuer, visibility, delivery } = this;
    const signIn = issuer && { ...this.signIn, apiKey: '', access: '' };
    return { ...CONFIG, originalsReadable, anyone, visibility, delivery, ...signIn };
  }

  private deliver({ pathname, search }: URL): Response {
    this.requests.push(`GET ${pathname}${search}`);
    const headers = { 'content-type': 'image/avif', 'x-cache': 'Hit from cloudfront' };
    return this.delivered.shift() ?? new Response('picture', { headers });
  }

  private knows(request?: RequestInit): boolean {
    const sent = new Headers(request?.headers).get('authorization') ?? '';
    return !this.issuer || this.issuer.accessTokens.has(sent.replace('Bearer ', ''));
  }

  private respond(called: string, url: URL, request?: RequestInit): Response {
    if (called === 'GET /api/me') return Response.json(this.me);
    if (url.pathname === '/api/session') return this.respondSession(request);
    if (url.pathname.startsWith('/api/keys')) return this.respondKeys(called, request);
    if (called === 'POST /api/uploads') return this.respondTicket(request);
    const [, , , id, part] = url.pathname.split('/');
    if (!id) return Response.json(this.page(url.searchParams));
    const image = this.images.get(id);
    const problem = { code: 'image_not_found', detail: 'no image has that id' };
    if (!image) return Response.json(problem, { status: 404 });
    if (part === 'reprocess') return Response.json({ imageId: id, current: this.current.has(id) });
    if (part === 'original') return Response.json({ url: `https://originals.example/${id}` });
    if (part === 'address') return Response.json(signedAddress(id, request));
    if (called.startsWith('DELETE')) this.images.delete(id);
    return Response.json(image);
  }

  private respondSession(request?: RequestInit): Response {
    if (request?.method === 'DELETE') {
      this.closedWith = new Headers(request.headers).get('authorization');
    }
    return Response.json({});
  }

  private respondTicket(request?: RequestInit): Response {
    const { contentType } = JSON.parse(request?.body as string) as { contentType: string };
    if (contentType !== 'image/svg+xml') return Response.json(this.ticket());
    const detail = 'SVG is accepted only with `svg = true` in [limits]';
    return Response.json({ code: 'unsupported_content_type', detail }, { status: 415 });
  }

  private ticket(): Ticket {
    const id = `01${String.fromCharCode(65 + this.images.size)}`;
    this.put(example({ id }));
    const expiresAt = new Date(Date.now() + this.ticketSeconds * 1000).toISOString();
    const upload = { method: 'PUT', url: `https://bucket/${id}`, headers: {}, expiresAt };
    return { imageId: id, upload, processedFilename: `${id}.jpg` };
  }

  private respondKeys(called: string, request?: RequestInit): Response {
    const [method, path = ''] = called.split(' ');
    if (method === 'POST') {
      const asked = JSON.parse(request?.body as string) as Pick<NewApiKey, 'name' | 'scopes'>;
      const id = `key${this.keys.size + 1}`;
      const made = { ...asked, id, key: `tint_${id}_secret`, createdAt: '2026-11-29T10:00:00Z' };
      this.keys.set(id, made);
      return Response.json(made, { status: 201 });
    }
    if (method === 'DELETE') {
      this.keys.delete(path.split('/').at(-1) ?? '');
      return Response.json({ id: path.split('/').at(-1) });
    }
    const keys = [...this.keys.values()].map((one) => ({ ...one, key: undefined }));
    return Response.json({ keys });
  }

  private page(query: URLSearchParams): object {
    const owner = query.get('owner') ?? this.me.owner;
    const all = [...this.images.values()]
      .filter((one) => !this.issuer || one.owner === owner)
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    const from = Number(query.get('cursor') ?? 0);
    const end = from + this.pageLength;
    return { images: all.slice(from, end), cursor: end < all.length ? String(end) : null };
  }
}

/** What the API says of an address that is to be signed. */
function signedAddress(id: string, request?: RequestInit): object {
  const asked = JSON.parse(request?.body as string) as Record<string, string>;
  const query = new URLSearchParams({ ...asked, s: 'signature' });
  return { url: `https://cdn.example/i/${id}?${query}` };
}

/** A request to a stack's bucket, as far as `s3-put.ts` makes one. */
function requestTo(stack: Stack): typeof XMLHttpRequest {
  return class {
    readonly upload = {};
    status = 0;
    onload: () => void = () => undefined;
    private address = '';

    open(_method: string, address: string): void {
      this.address = address;
    }

    send(): void {
      this.status = stack.upload(this.address);
      queueMicrotask(() => this.onload());
    }

    setRequestHeader(): void {
      // No test asks for it.
    }
  } as unknown as typeof XMLHttpRequest;
}

/** Returns a stack that all network of this test leads to. */
export async function runningStack(changes: Partial<Stack> = {}): Promise<Stack> {
  const stack = Object.assign(new Stack(), changes);
  vi.stubGlobal('fetch', (address: string, request?: RequestInit) => stack.fetch(address, request));
  vi.stubGlobal('XMLHttpRequest', requestTo(stack));
  TestBed.configureTestingModule({ providers: [{ provide: Live, useValue: stack }] });
  await TestBed.inject(Configuration).load();
  return stack;
}

/** Returns a stack to which Ada has signed in. */
export async function signedInStack(changes: Partial<Stack> = {}): Promise<Stack> {
  const issuer = new Issuer();
  issuer.refreshTokens.add('refresh');
  keep({ refresh: 'refresh', person: { subject: 'ada', name: '' } });
  const stack = await runningStack({ issuer, ...changes });
  await TestBed.inject(Session).begin();
  return stack;
}
