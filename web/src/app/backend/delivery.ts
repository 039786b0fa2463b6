// Pictures by their address, measured: one request each, past the browser's cache, so that the time is the CDN's.
import { Injectable } from '@angular/core';

const SECONDS = 40; // what CloudFront waits for an origin, and a little more
/** What a browser's own request for an `<img>` says. */
const ACCEPT = 'image/avif,image/webp,image/*,*/*;q=0.8';
const HIT = /hit\b/i; // RefreshHit is one, too
const MISS = /miss\b/i;

/** Where a picture was: made for this request, or in the CDN's cache, or in neither and stored already. */
export type Origin = 'made' | 'cached' | 'stored' | 'unknown';

export interface Delivered {
  readonly blob: Blob;
  /** From the request to the last byte, in milliseconds. */
  readonly ms: number;
  /** Of these, what rendering took, as the server says; null if it does not. */
  readonly renderMs: number | null;
  readonly origin: Origin;
}

/** A refusal: status 0 where no whole answer came; the text is the edge's, or a problem document's detail. */
export class DeliveryError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${status} ${code}: ${detail}`);
    this.name = 'DeliveryError';
  }
}

@Injectable({ providedIn: 'root' })
export class Delivery {
  /**
   * Returns the picture at an address of this page's origin. Throws `DeliveryError`, and what *signal* is
   * aborted with.
   */
  async picture(address: string, signal: AbortSignal): Promise<Delivered> {
    const begin = performance.now();
    try {
      const answer = await fetch(address, {
        headers: { accept: ACCEPT },
        cache: 'no-store',
        signal: AbortSignal.any([signal, AbortSignal.timeout(SECONDS * 1000)]),
      });
      if (!answer.ok) throw await errorOf(answer);
      const blob = await answer.blob();
      const renderMs = renderingOf(answer.headers.get('server-timing'));
      const origin = originOf(answer.headers.get('x-cache'), renderMs);
      return { blob, ms: performance.now() - begin, renderMs, origin };
    } catch (error) {
      if (signal.aborted || error instanceof DeliveryError) throw error;
      throw new DeliveryError(0, 'unreachable', String(error));
    }
  }
}

/** Returns the duration of the metric `render` in a Server-Timing header, in milliseconds. */
export function renderingOf(header: string | null): number | null {
  const metric = header?.split(',').find((one) => /^\s*render\s*(;|$)/.test(one));
  const [, duration] = /;\s*dur=([\d.]+)/.exec(metric ?? '') ?? [];
  return duration === undefined ? null : Number(duration);
}

/** A hit of the cache has the headers of the answer that was cached, the time it took to make it among them. */
export function originOf(cache: string | null, renderMs: number | null): Origin {
  if (HIT.test(cache ?? '')) return 'cached';
  if (renderMs !== null) return 'made';
  return MISS.test(cache ?? '') ? 'stored' : 'unknown';
}

async function errorOf(answer: Response): Promise<DeliveryError> {
  const text = await answer.text();
  try {
    const { code, detail } = JSON.parse(text) as Partial<Record<'code' | 'detail', string>>;
    return new DeliveryError(answer.status, code ?? '', detail ?? '');
  } catch {
    // The edge answers in a short text; CloudFront and proxies in HTML, which is for nobody here.
    const plain = (answer.headers.get('content-type') ?? '').startsWith('text/plain');
    return new DeliveryError(answer.status, '', plain ? text.trim() : '');
  }
}
