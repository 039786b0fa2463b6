import { TestBed } from '@angular/core/testing';
import { Delivery, DeliveryError, originOf, renderingOf } from './delivery';

const ADDRESS = 'https://page.example/i/01M7?w=640';

describe('a picture by its address', () => {
  const fetched = vi.fn<(address: string, request: RequestInit) => Promise<Response>>();
  const running = new AbortController();

  beforeEach(() => {
    fetched.mockReset();
    vi.stubGlobal('fetch', fetched);
  });

  afterEach(() => vi.unstubAllGlobals());

  function picture(signal = running.signal): Promise<unknown> {
    return TestBed.inject(Delivery).picture(ADDRESS, signal);
  }

  async function refusal(answer: Response): Promise<DeliveryError> {
    fetched.mockResolvedValue(answer);
    return (await picture().catch((error: unknown) => error)) as DeliveryError;
  }

  it('is asked for as by an <img>, past the browser’s own cache', async () => {
    fetched.mockResolvedValue(new Response('bytes'));

    await picture();

    const [address, request] = fetched.mock.lastCall ?? [];
    expect(address).toBe(ADDRESS);
    expect(request?.cache).toBe('no-store');
    expect(new Headers(request?.headers).get('accept')).toMatch(/^image\/avif,image\/webp,/);
  });

  it('comes with its bytes, and with what the server says of them', async () => {
    const headers = {
      'content-type': 'image/avif',
      'x-cache': 'Miss from cloudfront',
      'server-timing': 'render;dur=81.5',
    };
    fetched.mockResolvedValue(new Response('bytes', { headers }));

    const found = await TestBed.inject(Delivery).picture(ADDRESS, running.signal);

    expect(found).toMatchObject({ origin: 'made', renderMs: 81.5 });
    expect([found.blob.size, found.blob.type]).toEqual([5, 'image/avif']);
    expect(found.ms).toBeGreaterThanOrEqual(0);
  });

  it('is refused by the edge in a short text', async () => {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const error = await refusal(new Response('w: not a number\n', { status: 400, headers }));
    expect(error).toMatchObject({ status: 400, code: '', detail: 'w: not a number' });
  });

  it('is refused by a function in a problem document', async () => {
    const problem = { code: 'not_ready', detail: 'it is being processed' };
    const error = await refusal(Response.json(problem, { status: 404 }));
    expect(error).toMatchObject({ status: 404, ...problem });
  });

  it('is refused in HTML that nobody is to read', async () => {
    const headers = { 'content-type': 'text/html' };
    const error = await refusal(new Response('<h1>504</h1>', { status: 504, headers }));
    expect(error).toMatchObject({ status: 504, code: '', detail: '' });
  });

  it('may not come at all', async () => {
    fetched.mockRejectedValue(new TypeError('Failed to fetch'));
    await expect(picture()).rejects.toMatchObject({ status: 0 });
  });

  it('is no failure where somebody did not want it any more', async () => {
    const aborted = AbortSignal.abort();
    fetched.mockRejectedValue(aborted.reason);
    await expect(picture(aborted)).rejects.toBe(aborted.reason);
  });
});

describe('where a picture was', () => {
  it.each([
    ['Hit from cloudfront', 80, 'cached'],
    ['RefreshHit from cloudfront', null, 'cached'],
    ['Miss from cloudfront', 80, 'made'],
    ['Miss from cloudfront', null, 'stored'],
    [null, 80, 'made'],
    [null, null, 'unknown'],
  ])('by X-Cache %s and %s ms of rendering is %s', (cache, renderMs, origin) => {
    expect(originOf(cache, renderMs)).toBe(origin);
  });

  it.each([
    ['render;dur=12.5', 12.5],
    ['cdn-cache;desc=MISS, render;desc="made";dur=8, total;dur=40', 8],
    ['renderer;dur=3', null],
    ['render', null],
    [null, null],
  ])('is read from Server-Timing %s', (header, ms) => {
    expect(renderingOf(header)).toBe(ms);
  });
});
