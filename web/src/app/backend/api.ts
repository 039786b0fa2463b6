// The HTTP API: one promise a request; what is no success is an `ApiProblem`.
import { Injectable, inject } from '@angular/core';
import { Configuration } from './config';
import {
  type ApiKey,
  type ApiKeyRequest,
  type Focus,
  type Image,
  type ImageDocument,
  type Me,
  type NewApiKey,
  type OriginalLink,
  type Page,
  type Problem,
  type Reprocessing,
  type SignedAddress,
  type Ticket,
  type TicketRequest,
  type Visibility,
  toImage,
} from './models';
import { SessionEndedError } from './oauth';
import { Session } from './session';

const SECONDS = 20;
const NOT_SIGNED_IN = 401;

/** A problem document of the API, or code `api_unreachable` with status 0 where no whole answer came. */
export class ApiProblem extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly status: number,
    /** Seconds until a request that came too soon may be repeated, as the API says; 0 if it does not. */
    readonly retryAfter = 0,
  ) {
    super(`${code}: ${detail}`);
    this.name = 'ApiProblem';
  }
}

/** Returns why a request was in vain, for a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof ApiProblem ? error.detail : 'something went wrong';
}

interface PageDocument {
  readonly images: readonly ImageDocument[];
  readonly cursor?: string | null;
}

@Injectable({ providedIn: 'root' })
export class Api {
  private readonly configuration = inject(Configuration);
  private readonly session = inject(Session);

  /** Returns who asks, and what they may do. */
  me(): Promise<Me> {
    return this.ask<Me>('GET', '/me');
  }

  /** Has the browser given the cookie that opens the session's private pictures. */
  async openSession(): Promise<void> {
    await this.ask('POST', '/session');
  }

  /** Has the cookie taken away; the session that *token* was of has ended. */
  async closeSession(token: string): Promise<void> {
    await this.send(token, 'DELETE', '/session');
  }

  async keys(): Promise<readonly ApiKey[]> {
    return (await this.ask<{ keys: readonly ApiKey[] }>('GET', '/keys')).keys;
  }

  /** Makes a key, and returns it with its secret, this once. */
  makeKey(request: ApiKeyRequest): Promise<NewApiKey> {
    return this.ask<NewApiKey>('POST', '/keys', request);
  }

  async revokeKey(id: string): Promise<void> {
    await this.ask('DELETE', `/keys/${encodeURIComponent(id)}`);
  }

  ticket(request: TicketRequest): Promise<Ticket> {
    return this.ask<Ticket>('POST', '/uploads', request);
  }

  /** Returns a page of the listing, newest first; *limit* is 1 to 100. Only admins may name an owner. */
  async list(cursor: string | null, limit: number, owner = ''): Promise<Page> {
    const query = new URLSearchParams({ limit: String(limit) });
    if (cursor) query.set('cursor', cursor);
    if (owner) query.set('owner', owner);
    const page = await this.ask<PageDocument>('GET', `/images?${query}`);
    return { images: page.images.map(toImage), cursor: page.cursor ?? null };
  }

  async image(id: string): Promise<Image> {
    return toImage(await this.ask<ImageDocument>('GET', pathOf(id)));
  }

  /** Returns a link to an original, for a few minutes. */
  async originalLink(id: string): Promise<string> {
    return (await this.ask<OriginalLink>('GET', `${pathOf(id)}/original`)).url;
  }

  /** Outlives the page, so that leaving it cannot lose the request. */
  async delete(id: string): Promise<void> {
    await this.ask('DELETE', pathOf(id));
  }

  /** Has an image shown to everybody, or to nobody else. */
  async setVisibility(id: string, visibility: Visibility): Promise<void> {
    await this.ask('PATCH', pathOf(id), { visibility });
  }

  /** Has every crop of an image keep a point in view; null is none. */
  async setFocus(id: string, focus: Focus | null): Promise<void> {
    await this.ask('PATCH', pathOf(id), { focus });
  }

  /** Returns an image's address for these parameters, signed where it is not open without. */
  address(id: string, parameters: object): Promise<SignedAddress> {
    return this.ask<SignedAddress>('POST', `${pathOf(id)}/address`, parameters);
  }

  reprocess(id: string): Promise<Reprocessing> {
    return this.ask<Reprocessing>('POST', `${pathOf(id)}/reprocess`);
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    try {
      const answer = await this.answerTo(method, path, body);
      if (!answer.ok) throw await problemOf(answer);
      return (await answer.json()) as T; // the connection may break off in here, too
    } catch (error) {
      throw error instanceof ApiProblem ? error : failureOf(error);
    }
  }

  /** Asks with the session's token; once more with a newer one if that is refused. */
  private async answerTo(method: string, path: string, body?: object): Promise<Response> {
    // Without a pause while the token is good: a page that is being left is not waited for.
    const token = this.session.peek() ?? (await this.session.token());
    const answer = await this.send(token, method, path, body);
    if (answer.status !== NOT_SIGNED_IN || !token) return answer;
    await this.session.renewAfter(token);
    return this.send(await this.session.token(), method, path, body);
  }

  private send(token: string, method: string, path: string, body?: object): Promise<Response> {
    const headers = {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    };
    return fetch(this.configuration.values.apiUrl + path, {
      method,
      headers,
      keepalive: method === 'DELETE',
      signal: AbortSignal.timeout(SECONDS * 1000),
      ...(body && { body: JSON.stringify(body) }),
    });
  }
}

function failureOf(error: unknown): ApiProblem {
  if (!(error instanceof SessionEndedError)) return unreachable(error);
  return new ApiProblem('not_signed_in', 'your session has ended', NOT_SIGNED_IN);
}

function unreachable(error: unknown): ApiProblem {
  const timeout = error instanceof DOMException && error.name === 'TimeoutError';
  const detail = timeout ? `no response for ${SECONDS} seconds` : 'the API cannot be reached';
  return new ApiProblem('api_unreachable', detail, 0);
}

function pathOf(id: string): string {
  return `/images/${encodeURIComponent(id)}`;
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  try {
    const problem = (await answer.json()) as Partial<Problem>;
    const { code, detail } = problem;
    const retryAfter = Number(answer.headers.get('retry-after')) || 0;
    return new ApiProblem(
      code ?? 'unknown',
      detail ?? answer.statusText,
      answer.status,
      retryAfter,
    );
  } catch {
    return new ApiProblem('unknown', `HTTP ${answer.status} ${answer.statusText}`, answer.status);
  }
}
