import { TestBed } from '@angular/core/testing';
import { type Stack, runningStack } from '../state/sample-stack';
import { Api } from './api';

describe('the API', () => {
  let stack: Stack;
  let api: Api;

  beforeEach(async () => {
    stack = await runningStack();
    api = TestBed.inject(Api);
  });

  afterEach(() => vi.unstubAllGlobals());

  function answering(body: BodyInit, status = 200): void {
    vi.spyOn(stack, 'fetch').mockResolvedValueOnce(new Response(body, { status }));
  }

  it('is unreachable where a connection breaks off amidst its answer', async () => {
    const broken = new ReadableStream({
      start: (stream) => stream.error(new TypeError('network error')),
    });
    answering(broken);

    await expect(api.image('01A')).rejects.toMatchObject({ code: 'api_unreachable', status: 0 });
  });

  it('is unreachable where only a part of an answer came', async () => {
    answering('{"id": "01');

    await expect(api.image('01A')).rejects.toMatchObject({ code: 'api_unreachable', status: 0 });
  });

  it('is unreachable where it keeps one waiting', async () => {
    const late = new DOMException('too late', 'TimeoutError');
    answering(new ReadableStream({ start: (stream) => stream.error(late) }));

    await expect(api.image('01A')).rejects.toMatchObject({
      code: 'api_unreachable',
      detail: 'no response for 20 seconds',
    });
  });

  it('says itself what is wrong, also without words', async () => {
    await expect(api.image('01A')).rejects.toMatchObject({ code: 'image_not_found', status: 404 });

    answering('<html>', 503);
    await expect(api.image('01A')).rejects.toMatchObject({ code: 'unknown', status: 503 });
  });
});
