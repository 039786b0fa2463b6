// A stack for tests: what it has, what it was asked, and the socket's end that the page listens to.
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Subject } from 'rxjs';
import { Configuration } from '../backend/config';
import { Live, type Reader } from '../backend/live';
import type { Image } from '../backend/models';

const CONFIG = JSON.stringify({
  apiUrl: 'https://stack/api',
  graphqlUrl: 'https://stack/graphql',
  apiKey: 'key',
  region: 'eu-central-1',
});

export class Stack {
  readonly images = new Map<string, Image>();
  readonly asked: string[] = [];
  /** Requests that are not answered, such as `GET /api/images`. */
  readonly unanswered = new Set<string>();
  readonly changes = new Subject<Image>();
  readonly state = signal('live' as const);
  reader: Reader | undefined;
  pageLength = 100;

  put(...images: readonly Image[]): void {
    for (const image of images) this.images.set(image.id, image);
  }

  start(reader: Reader): void {
    this.reader = reader;
  }

  nudge(): void {
    this.asked.push('nudge');
  }

  /** Answers as a browser's `fetch` does. */
  async fetch(address: string, request?: RequestInit): Promise<Response> {
    const url = new URL(address, 'https://stack/');
    if (url.pathname === '/config.json') return new Response(CONFIG);
    const asked = `${request?.method ?? 'GET'} ${url.pathname}`;
    this.asked.push(asked);
    if (this.unanswered.has(asked)) throw new TypeError('Failed to fetch');
    return this.answer(asked, url);
  }

  private answer(asked: string, url: URL): Response {
    const id = url.pathname.split('/')[3];
    if (!id) return Response.json(this.page(url.searchParams.get('cursor')));
    const image = this.images.get(id);
    const problem = { code: 'image_not_found', detail: 'no image has that id' };
    if (!image) return Response.json(problem, { status: 404 });
    if (asked.startsWith('DELETE')) this.images.delete(id);
    return Response.json(image);
  }

  private page(cursor: string | null): object {
    const all = [...this.images.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    const from = Number(cursor ?? 0);
    const end = from + this.pageLength;
    return { images: all.slice(from, end), cursor: end < all.length ? String(end) : null };
  }
}

/** Returns a stack that all network of this test leads to. */
export async function runningStack(): Promise<Stack> {
  const stack = new Stack();
  vi.stubGlobal('fetch', (address: string, request?: RequestInit) => stack.fetch(address, request));
  TestBed.configureTestingModule({ providers: [{ provide: Live, useValue: stack }] });
  await TestBed.inject(Configuration).load();
  return stack;
}
