import type { ImageDocument } from '../backend/models';
import { example } from '../state/examples';
import { type Event, type Upload, inOrder, isPending, reduce, startable, summarise } from './queue';

const JPEG = 'image/jpeg';
const TROUBLE = { code: 'upload_broken', message: 'no answer' };
const FAILURE = { code: 'truncated_image', message: 'the JPEG ends', retryable: false };

function added(...keys: readonly number[]): readonly Upload[] {
  const uploads = keys.map((key): Upload => ({
    key,
    name: `${key}.jpg`,
    size: 1_000,
    stage: { at: 'checking' },
  }));
  return reduce([], { type: 'added', uploads });
}

const after = (list: readonly Upload[], ...events: readonly Event[]): readonly Upload[] =>
  events.reduce(reduce, list);
const at = (list: readonly Upload[]): string[] => list.map((one) => one.stage.at);
const accepted = (key: number): Event => ({ type: 'accepted', key, contentType: JPEG });
const started = (key: number): Event => ({ type: 'started', key });
const arrived = (key: number): Event => ({ type: 'arrived', key, imageId: '01A' });
const told = (key: number, image: Partial<ImageDocument>): Event => ({
  type: 'recordChanged',
  key,
  image: example(image),
});

describe('an upload', () => {
  it('is checked, waits, is sent, processes and is ready', () => {
    const steps = [accepted(1), started(1), arrived(1), told(1, { version: 3, status: 'READY' })];

    const stages = steps.map((_, last) => at(after(added(1), ...steps.slice(0, last + 1))));

    expect(stages).toEqual([['waiting'], ['uploading'], ['processing'], ['ready']]);
  });

  it('ends with a reason where the file is none of ours', () => {
    const list = after(added(1), { type: 'refused', key: 1, trouble: TROUBLE }, started(1));

    expect(list[0]?.stage).toEqual({ at: 'refused', trouble: TROUBLE });
  });

  it('ends with a reason where the stack says so before anything is sent', () => {
    const running = after(added(1), accepted(1), started(1));
    const refusal = { type: 'refused', key: 1, trouble: TROUBLE } as const;

    expect(after(running, refusal)[0]?.stage).toEqual({ at: 'refused', trouble: TROUBLE });
    expect(at(after(running, arrived(1), refusal))).toEqual(['processing']);
  });

  it('can be cancelled and sent again, also when it broke', () => {
    const pending = after(added(1), accepted(1), started(1));
    const cancelled = after(pending, { type: 'cancelled', key: 1 });
    const broken = after(pending, { type: 'disconnected', key: 1, trouble: TROUBLE });

    expect(at(cancelled)).toEqual(['cancelled']);
    expect(at(after(cancelled, { type: 'retried', key: 1 }))).toEqual(['waiting']);
    expect(at(broken)).toEqual(['broken']);
    expect(at(after(broken, { type: 'retried', key: 1 }))).toEqual(['waiting']);
  });

  it('waits for a sign-in without being lost, keeps its place, and begins again', () => {
    const running = after(added(1, 2), accepted(1), accepted(2), started(1));
    const held = after(running, { type: 'held', key: 1 });

    expect(at(held)).toEqual(['held', 'waiting']);
    expect(held.map((one) => isPending(one.stage))).toEqual([true, true]);
    expect(startable(held, 1)).toEqual([]);
    expect(at(after(held, { type: 'resumed', key: 1 }, arrived(1)))).toEqual([
      'processing',
      'waiting',
    ]);
    expect(at(after(held, { type: 'cancelled', key: 1 }))).toEqual(['cancelled', 'waiting']);
  });

  it('hears nothing more from an attempt that was cancelled', () => {
    const cancelled = after(added(1), accepted(1), started(1), { type: 'cancelled', key: 1 });

    expect(after(cancelled, arrived(1))).toBe(cancelled);
    expect(after(cancelled, { type: 'progressed', key: 1, sent: 9, now: 1 })).toBe(cancelled);
  });

  it('fails with the reason that the catalogue tells', () => {
    const list = after(
      added(1),
      accepted(1),
      started(1),
      arrived(1),
      told(1, { version: 3, status: 'FAILED', failure: FAILURE }),
    );

    expect(list[0]?.stage).toEqual({
      at: 'failed',
      imageId: '01A',
      version: 3,
      trouble: { code: 'truncated_image', message: 'the JPEG ends' },
      retryable: false,
    });
  });

  it('is not failed again by the old record when it is processed again', () => {
    const failed = told(1, { version: 3, status: 'FAILED', failure: FAILURE });
    const again = after(added(1), accepted(1), started(1), arrived(1), failed, {
      type: 'retried',
      key: 1,
    });

    expect(at(after(again, failed))).toEqual(['processing']);
    expect(at(after(again, told(1, { version: 5, status: 'READY' })))).toEqual(['ready']);
  });

  it('leaves the tray when its image is deleted', () => {
    const ready = after(added(1, 2), accepted(1), started(1), arrived(1));

    expect(after(ready, told(1, { version: 4, status: 'DELETED' })).length).toBe(1);
  });

  it('leaves the tray when its image is gone while it is processed again', () => {
    const failed = told(1, { version: 3, status: 'FAILED', failure: FAILURE });
    const again = after(added(1), accepted(1), started(1), arrived(1), failed, {
      type: 'retried',
      key: 1,
    });

    expect(after(again, told(1, { version: 3, status: 'DELETED' }))).toEqual([]);
  });

  it('changes nothing when the same is told twice', () => {
    const ready = told(1, { version: 3, status: 'READY' });
    const list = after(added(1), accepted(1), started(1), arrived(1), ready);

    expect(after(list, ready)).toBe(list);
    expect(after(list, told(9, { version: 3, status: 'READY' }))).toBe(list);
  });
});

describe('the queue', () => {
  it('starts no more than it may at once, in the order of the files', () => {
    const list = after(added(1, 2, 3, 4, 5, 6), ...[1, 2, 3, 4, 5, 6].map(accepted));
    const running = after(list, started(1), started(2), started(3));

    expect(startable(list, 4).map((one) => one.key)).toEqual([1, 2, 3, 4]);
    expect(startable(running, 4).map((one) => one.key)).toEqual([4]);
    expect(startable(after(running, started(4)), 4)).toEqual([]);
  });

  it('is cleared of what has ended, and of nothing else', () => {
    const list = after(
      added(1, 2, 3),
      accepted(1),
      started(1),
      { type: 'refused', key: 2, trouble: TROUBLE },
      { type: 'cleared' },
    );

    expect(list.map((one) => one.key)).toEqual([1, 3]);
  });

  it('warns of leaving only while bytes would be lost', () => {
    const pending = after(added(1), accepted(1), started(1));

    expect(pending.some((one) => isPending(one.stage))).toBe(true);
    expect(after(pending, arrived(1)).some((one) => isPending(one.stage))).toBe(false);
  });

  it('shows what went wrong first', () => {
    const list = after(added(1, 2, 3), { type: 'refused', key: 3, trouble: TROUBLE });

    expect(inOrder(list).map((one) => one.key)).toEqual([3, 1, 2]);
  });

  it('sums up its bytes and its time', () => {
    const list = after(
      added(1, 2, 3),
      accepted(1),
      accepted(2),
      { type: 'refused', key: 3, trouble: TROUBLE },
      started(1),
      { type: 'progressed', key: 1, sent: 100, now: 0 },
      { type: 'progressed', key: 1, sent: 500, now: 1_000 },
    );

    const summary = summarise(list);

    expect(summary).toMatchObject({ total: 3, pending: 2, failed: 1, ready: 0, sent: 0.25 });
    expect(summary.secondsLeft).toBeCloseTo(1_500 / 400);
  });
});
