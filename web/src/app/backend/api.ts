// The HTTP API: one promise a request; what is no success is an `ApiProblem`.
import { Injectable, inject } from '@angular/core';
import { Configuration } from './config';
import {
  type Image,
  type ImageDocument,
  type OriginalLink,
  type Page,
  type Problem,
  type Ticket,
  type TicketRequest,
  toImage,
} from './models';

const SECONDS = 20;

/** A problem document of the API, or code `api_unreachable` with status 0 where no whole answer came. */
export class ApiProblem extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly status: number,
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

  ticket(request: TicketRequest): Promise<Ticket> {
    return this.ask<Ticket>('POST', '/uploads', request);
  }

  /** Returns a page of the listing, newest first; *limit* is 1 to 100. */
  async list(cursor: string | null, limit: number): Promise<Page> {
    const query = new URLSearchParams({ limit: String(limit) });
    if (cursor) query.set('cursor', cursor);
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

  async reprocess(id: string): Promise<void> {
    await this.ask('POST', `${pathOf(id)}/reprocess`);
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const request: RequestInit = {
      method,
      keepalive: method === 'DELETE',
      signal: AbortSignal.timeout(SECONDS * 1000),
    };
    if (body) {
      request.body = JSON.stringify(body);
      request.headers = { 'content-type': 'application/json' };
    }
    try {
      const answer = await fetch(this.configuration.values.apiUrl + path, request);
      if (!answer.ok) throw await problemOf(answer);
      return (await answer.json()) as T; // the connection may break off in here, too
    } catch (error) {
      throw error instanceof ApiProblem ? error : unreachable(error);
    }
  }
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
    return new ApiProblem(code ?? 'unknown', detail ?? answer.statusText, answer.status);
  } catch {
    return new ApiProblem('unknown', `HTTP ${answer.status} ${answer.statusText}`, answer.status);
  }
}
