import { TestBed } from '@angular/core/testing';
import { type Stack, runningStack } from '../state/sample-stack';
import { remember } from './unfinished';
import { Uploads } from './uploads';

describe('the uploads of this page', () => {
  let stack: Stack;

  beforeEach(async () => {
    stack = await runningStack();
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    sessionStorage.clear();
  });

  function developing(imageId: string): void {
    const stage = { at: 'developing', imageId, above: 0 } as const;
    remember(sessionStorage, [{ key: 1, name: 'beach.jpg', size: 10, stage }]);
  }

  it('do not wait for an image that is gone when they are picked up again', async () => {
    developing('01A');
    const uploads = TestBed.inject(Uploads);
    TestBed.tick();
    await vi.waitUntil(() => stack.asked.includes('GET /api/images/01A'));

    await vi.waitFor(() => {
      TestBed.tick();
      expect(uploads.list()).toEqual([]);
      expect(sessionStorage.length).toBe(0);
    });
  });

  it('wait on where the stack did not answer', async () => {
    developing('01A');
    stack.unanswered.add('GET /api/images/01A');
    const uploads = TestBed.inject(Uploads);
    TestBed.tick();
    await vi.waitUntil(() => stack.asked.includes('GET /api/images/01A'));
    TestBed.tick();

    expect(uploads.list().map((one) => one.stage.at)).toEqual(['developing']);
  });
});
